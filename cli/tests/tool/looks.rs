//! How it looks: completions, manual pages, colours, and what is shown while it runs, on a terminal and elsewhere.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{ChildStderr, ChildStdout};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::program::{Finished, Program, command, dialer, listener, run, words};

/// The first byte of every colour and every movement of the cursor.
const ESCAPE: char = '\x1b';

/// A terminal: what shows it, and what is written there.
fn terminal() -> (OwnedFd, File) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let screen = Path::new(OsStr::from_bytes(name.as_bytes()));
    let screen = File::options().read(true).write(true).open(screen).unwrap();
    (terminal, screen)
}

/// Runs the program to its end, with a terminal for its standard error.
fn on_a_terminal(arguments: &[&str], settings: &[(&str, &str)]) -> Finished {
    let (terminal, screen) = terminal();
    let mut child = command(arguments)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .envs(settings.iter().copied())
        .stderr(screen)
        .spawn()
        .unwrap();
    child.stderr = Some(ChildStderr::from(terminal));
    let mut program = Program::watch(child);
    program.close_input();
    program.finish()
}

/// Runs the program to its end, with a terminal for its standard output, whose lines end with \r\n.
fn printed_on_a_terminal(arguments: &[&str]) -> String {
    let (terminal, screen) = terminal();
    let mut child = command(arguments).stdout(screen).spawn().unwrap();
    child.stdout = Some(ChildStdout::from(terminal));
    let mut program = Program::watch(child);
    program.close_input();
    let finished = program.finish();
    assert_eq!(finished.status, Some(0), "{finished:?}");
    String::from_utf8(finished.output).unwrap().replace("\r\n", "\n")
}

#[test]
fn each_shell_gets_completions_of_every_role() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let finished = run(&["completions", shell], b"");
        let script = String::from_utf8(finished.output.clone()).unwrap();
        for word in ["surveyor", "respondent", "perf", "inproc-thr", "subscribe"] {
            assert!(script.contains(word), "{word} is not in the completions for {shell}");
        }
        assert_eq!(finished.status, Some(0));
    }
    run(&["completions", "command.com"], b"").ended(2);
}

#[test]
fn the_manual_is_printed_or_written_a_page_for_each_role() {
    let page = run(&["man"], b"");
    let text = String::from_utf8(page.output.clone()).unwrap();
    assert!(text.contains(".TH hubless 1") && text.contains("Exit status"), "{text}");

    let folder = tempfile::tempdir().unwrap();
    run(&["man", folder.path().to_str().unwrap()], b"").printed("");
    for name in ["hubless.1", "hubless-push.1", "hubless-perf-req.1"] {
        let page = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(page.contains(".SH DIAGNOSTICS") && page.contains("Print errors only"), "{page}");
    }
    let nowhere = folder.path().join("missing");
    let failed = run(&["man", nowhere.to_str().unwrap()], b"");
    failed.ended(1);
    failed.said("cannot write manual pages into");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let wrong = ["pull", "--listen", "nonsense://"];
    assert!(on_a_terminal(&wrong, &[]).diagnostics.contains(ESCAPE));
    assert!(on_a_terminal(&["pull"], &[]).diagnostics.contains(ESCAPE));
    for line in [&wrong[..], &["pull"]] {
        assert!(!on_a_terminal(line, &[("NO_COLOR", "1")]).diagnostics.contains(ESCAPE));
        assert!(!run(line, b"").diagnostics.contains(ESCAPE));
    }
    assert!(!String::from_utf8_lossy(&run(&["--help"], b"").output).contains(ESCAPE));
}

#[test]
fn stats_in_a_pipe_are_plain_lines_and_end_with_the_totals() {
    let (pull, address) = listener("pull -n 5 --stats");
    let push = dialer("push -d x -i 0.3 -n 5 --stats", &address).finish();
    push.printed("");
    let lines: Vec<&str> = push.diagnostics.lines().filter(|line| line.starts_with("peers ")).collect();
    let [during @ .., totals] = &lines[..] else { panic!("{push:?}") };
    assert!(during.iter().any(|line| line.starts_with("peers 1 | sent ")), "{during:?}");
    assert!(totals.contains("| sent 5, ") && totals.ends_with("| dropped 0"), "{totals}");
    assert!(!push.diagnostics.contains(ESCAPE), "{push:?}");
    let pull = pull.finish();
    pull.printed("x\nx\nx\nx\nx\n");
    pull.said("| received 5, ");
    assert!(!push.diagnostics.contains("received") && !pull.diagnostics.contains("sent"), "one way only");
}

#[test]
fn stats_of_a_role_that_sends_and_receives_have_both_ways() {
    let (rep, address) = listener("rep -n 1 --stats");
    let req = dialer("req -d x --stats", &address).finish();
    for finished in [req, rep.finish()] {
        finished.said("sent 1, ");
        finished.said("received 1, ");
    }
}

#[test]
fn a_measurement_prints_a_summary_for_people_on_a_terminal_only() {
    let line = words("perf inproc-thr --size 64 --count 12345 --work 200");
    let summary = printed_on_a_terminal(&line);
    for part in
        ["inproc-thr over inproc: 12,345 messages of 64 bytes\n", "\n  rate ", "work       200 ns before"]
    {
        assert!(summary.contains(part), "{part} is not in {summary}");
    }
    let json = printed_on_a_terminal(&[&line[..], &["--json"]].concat());
    let piped = run(&line, b"");
    for line in [json.as_bytes(), &piped.output] {
        let line: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!((&line["count"], &line["work_ns"]), (&12345.into(), &200.into()));
    }
    let trips = printed_on_a_terminal(&words("perf inproc-lat --size 8 --count 100"));
    assert!(
        trips.contains("100 round trips of 8 bytes\n") && trips.contains("  round trip median "),
        "{trips}"
    );
}

#[test]
fn stats_on_a_terminal_are_one_line_that_is_kept_up_to_date() {
    let (_pull, address) = listener("pull");
    let arguments = ["push", "-d", "x", "-i", "0.3", "-n", "5", "--stats", "--dial", &address];
    let push = on_a_terminal(&arguments, &[]);
    push.printed("");
    let (live, totals) = push.diagnostics.trim_end().rsplit_once("peers ").unwrap();
    assert!(live.contains("peers 1 | sent ") && live.contains(ESCAPE), "{push:?}");
    assert!(!live.contains('\n'), "{push:?}");
    assert!(totals.contains("| sent 5, "), "{push:?}");
}

#[test]
fn a_measurement_shows_a_bar_on_a_terminal_only_and_prints_its_line_alone() {
    let (pull, address) = listener("perf pull --size 64 --count 1000");
    // It waits for its peers, which shows a bar, until that gives up.
    let waiting = [
        "perf",
        "push",
        "--size",
        "64",
        "--count",
        "1000",
        "--peers",
        "2",
        "--timeout",
        "1",
        "--dial",
        &address,
    ];
    let shown = on_a_terminal(&waiting, &[]);
    shown.ended(3);
    assert!(shown.diagnostics.contains("of 1,050"), "{shown:?}");
    let hidden = dialer("perf push --size 64 --count 1000 --peers 2 --timeout 1", &address).finish();
    hidden.ended(3);
    assert!(!hidden.diagnostics.contains("of 1,050") && !hidden.diagnostics.contains(ESCAPE), "{hidden:?}");
    drop(pull);

    let line = words("perf inproc-lat --size 8 --count 1000");
    let measured = on_a_terminal(&line, &[]);
    assert_eq!(measured.status, Some(0), "{measured:?}");
    assert_eq!(String::from_utf8_lossy(&measured.output).matches('\n').count(), 1);
}
