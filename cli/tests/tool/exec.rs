//! `--exec`: a command that makes the answers.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use hubless_kit::eventually;
use rustix::process::{Pid, Signal, test_kill_process};

use crate::program::{Program, dialer, numbers, run, start};

/// A rep with this command; it and where it listens.
fn rep(command: &str, options: &[&str]) -> (Program, String) {
    answering("rep", command, options)
}

fn answering(role: &str, command: &str, options: &[&str]) -> (Program, String) {
    let mut rep = start(&[&[role, "--listen", "tcp://127.0.0.1:0", "--exec", command], options].concat());
    let address = rep.address();
    (rep, address)
}

/// The process that has written its id there.
fn process(path: &Path) -> Pid {
    let mut id = None;
    eventually(|| {
        let text = fs::read_to_string(path).unwrap_or_default();
        id = text.strip_suffix('\n').and_then(|id| id.parse().ok());
        id.is_some()
    });
    Pid::from_raw(id.unwrap()).unwrap()
}

#[test]
fn the_request_is_the_input_of_a_command_and_its_output_the_answer() {
    let (rep, address) = rep("tr a-z A-Z", &["-n", "2"]);
    dialer("req -d hello", &address).finish().printed("HELLO\n");
    dialer("req -d again", &address).finish().printed("AGAIN\n");
    rep.finish().printed("hello\nagain\n");
}

#[test]
fn a_command_answers_where_the_ends_of_processes_are_ignored() {
    // As by some programs that start others, which those inherit.
    let mut rep = Command::new("env");
    rep.args([
        "--ignore-signal=CHLD",
        env!("CARGO_BIN_EXE_hubless"),
        "-v",
        "rep",
        "--listen",
        "tcp://127.0.0.1:0",
    ]);
    rep.args(["--exec", "cat", "-n", "1"]);
    let rep = rep.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut rep = Program::watch(rep.unwrap());
    let address = rep.address();
    dialer("req -d hello", &address).finish().printed("hello\n");
    rep.finish().printed("hello\n");
}

#[test]
fn a_survey_is_answered_by_a_command() {
    let (_respondent, address) = answering("respondent", "wc -c", &[]);
    let surveyor = dialer("surveyor -n 1 --deadline 60 -d 12345", &address).finish();
    assert_eq!(
        String::from_utf8_lossy(&surveyor.output).trim_end_matches("\\n\n").trim(),
        "5",
        "{surveyor:?}"
    );
}

#[test]
fn many_requests_at_once_are_answered_each_with_its_own() {
    let (_rep, address) = rep("cat", &["--jobs", "4"]);
    run(&["req", &address], numbers(300).as_bytes()).printed(numbers(300));
}

#[test]
fn as_many_commands_run_at_once_as_are_allowed() {
    // Each waits for the other: one alone would never end.
    let folder = tempfile::tempdir().unwrap();
    let command = format!(
        "cd {}; read name; touch $name; until test -e one && test -e two; do sleep 0.01; done; echo $name",
        folder.path().display()
    );
    let (_rep, address) = rep(&command, &["--jobs", "2"]);
    run(&["req", &address, "--format", "raw"], b"one\ntwo\n").printed("one\ntwo\n");
}

#[test]
fn a_command_that_fails_gives_no_answer_and_the_next_is_answered() {
    let (mut rep, address) = rep("read word; test $word = good && echo $word", &["-n", "1"]);
    let bad = dialer("req -d bad --timeout 1", &address).finish();
    bad.ended(3);
    rep.told("a request was not answered: the command ended with status 1");
    dialer("req -d good --format raw", &address).finish().printed("good\n");
    let finished = rep.finish();
    assert_eq!(finished.status, Some(0), "a request without an answer does not count: {finished:?}");
}

#[test]
fn a_command_that_is_not_there_is_told() {
    let (mut rep, address) = rep("/no/such/command", &[]);
    dialer("req -d x --timeout 1", &address).finish().ended(3);
    rep.told("the command ended with status 127");
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_all_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("id");
    let command = format!("sleep 1000 & echo $! > {}; wait", path.display());
    let (mut rep, address) = rep(&command, &["--exec-timeout", "0.5"]);
    let _req = dialer("req -d x", &address);
    let sleeping = process(&path);
    rep.told("the command took longer than the 500 ms of --exec-timeout");
    eventually(|| test_kill_process(sleeping).is_err() || is_zombie(sleeping));
}

#[test]
fn a_command_that_prints_too_much_is_killed() {
    let (mut rep, address) = rep("yes", &["--max-input", "1000000"]);
    let _req = dialer("req -d x", &address);
    rep.told("the command printed more than the 1,000,000 bytes of --max-input");
}

#[test]
fn a_command_is_killed_when_the_program_ends() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("id");
        let (rep, address) = rep(&format!("echo $$ > {}; sleep 1000; true", path.display()), &[]);
        let _req = dialer("req -d x", &address);
        let shell = process(&path);
        rep.signal(signal);
        let finished = rep.finish();
        assert_eq!(finished.status, Some(128 + signal.as_raw()), "{finished:?}");
        assert!(!finished.diagnostics.contains("not answered"), "{finished:?}");
        eventually(|| test_kill_process(shell).is_err() || is_zombie(shell));
    }
}

/// One that has ended, and whose parent has not looked at that: in a container nobody may.
fn is_zombie(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    status.contains(") Z ")
}

#[test]
fn a_command_that_runs_is_no_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let (go, command) = (folder.path().join("go"), "until test -e go; do sleep 0.01; done; echo done");
    let command = format!("cd {}; {command}", folder.path().display());
    let (rep, address) = rep(&command, &["-n", "1", "--timeout", "2"]);
    let req = dialer("req -d x --format raw", &address);
    assert_eq!(rep.line(), "x\n");
    // Another program, with the same timeout, is over before this one may go on.
    let (other, _) = crate::program::listener("pull --timeout 2.5");
    other.finish().ended(3);
    fs::write(go, "").unwrap();
    req.finish().printed("done\n");
    rep.finish().printed("");
}
