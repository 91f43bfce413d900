//! How the program ends, and what it says then.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Program, command, dialer, listener, places, plain, run, start, words};

#[test]
fn a_wrong_command_line_ends_with_status_2() {
    for line in [
        "",
        "shout --dial tcp://127.0.0.1:1",
        "pull",
        "pull --listen",
        "push --dial tcp://127.0.0.1:1 --subscribe x",
        "push --dial tcp://127.0.0.1:1 --format hex",
        "pull --dial tcp://127.0.0.1:1 -d x",
        "pull --dial tcp://127.0.0.1:1 --wait-peers 1",
        "sub --dial tcp://127.0.0.1:1 -i 1",
        "rep --dial tcp://127.0.0.1:1 -i 1",
        "req --dial tcp://127.0.0.1:1 --deadline 1",
        "surveyor --dial tcp://127.0.0.1:1 --resend 1",
        "bus --dial tcp://127.0.0.1:1 --pair-v1",
        "pair --dial tcp://127.0.0.1:1 --ttl 2",
        "rep --dial tcp://127.0.0.1:1 --ttl 0",
        "rep --dial tcp://127.0.0.1:1 --ttl 16",
        "push --dial tcp://127.0.0.1:1 -i 1",
        "push --dial tcp://127.0.0.1:1 -d x -f x",
        "push --dial tcp://127.0.0.1:1 -d x -n 0",
        "push --dial tcp://127.0.0.1:1 -d x --timeout -1",
        "push --dial tcp://127.0.0.1:1 -d x --timeout nan",
        "push --dial tcp://127.0.0.1:1 -d x --linger inf",
        "push --dial tcp://127.0.0.1:1 -d x -q -v",
        "pull --dial tcp://127.0.0.1:1 --format xml",
    ] {
        let finished = plain(line);
        finished.ended(2);
        finished.said("--help");
    }
}

#[test]
fn help_and_version_end_with_status_0() {
    for line in ["--help", "-h", "--version", "req --help", "surveyor -h", "pair --help"] {
        let finished = plain(line);
        assert_eq!(finished.status, Some(0), "{line}");
        assert!(!finished.output.is_empty() && finished.diagnostics.is_empty(), "{line}");
    }
}

#[test]
fn a_wrong_address_ends_with_status_1() {
    for address in ["127.0.0.1:5555", "carrier-pigeon://x", "tcp://127.0.0.1", "tcp://127.0.0.1:70000"] {
        let finished = run(&["pull", "--listen", address], b"");
        finished.ended(1);
        finished.said(address);
        finished.said("^");
        run(&["pull", "--dial", address], b"").ended(1);
    }
    run(&["pull", "--dial", "tcp://127.0.0.1:0"], b"").ended(1);
}

#[test]
fn an_address_in_use_ends_with_status_1() {
    let (_pull, address) = listener("pull");
    let second = run(&["pull", "--listen", &address], b"");
    second.ended(1);
    second.said("in use");
}

#[test]
fn a_file_that_cannot_be_read_ends_with_status_1() {
    let finished = run(&["push", "--dial", "tcp://127.0.0.1:1", "-f", "/no/such/file"], b"");
    finished.ended(1);
    finished.said("/no/such/file");
}

#[test]
fn waiting_too_long_for_a_message_ends_with_status_3() {
    for role in ["pull", "sub", "rep", "respondent", "pair --wait-peers 0", "bus"] {
        let (program, _) = listener(&format!("{role} --timeout 0.1"));
        let finished = program.finish();
        finished.ended(3);
        finished.said("gave up");
    }
}

#[test]
fn waiting_too_long_for_a_peer_ends_with_status_3() {
    for role in ["push", "pub", "req", "surveyor", "pair", "bus"] {
        let (program, _) = listener(&format!("{role} -d x --timeout 0.1"));
        let finished = program.finish();
        finished.ended(3);
        finished.said("gave up");
    }
}

#[test]
fn waiting_too_long_for_room_ends_with_status_3() {
    for role in ["push", "req"] {
        let (program, _) = listener(&format!("{role} -d x --wait-peers 0 --timeout 0.1"));
        program.finish().ended(3);
    }
}

#[test]
fn waiting_too_long_for_an_answer_ends_with_status_3() {
    let (mut rep, address) = listener("rep");
    let mut req = dialer("req --timeout 5 --linger 0", &address);
    rep.told("1 new peer");
    rep.stop();
    req.write(b"x\n");
    req.finish().ended(3);
}

#[test]
fn waiting_for_standard_input_is_no_timeout() {
    let (pull, address) = listener("pull");
    let mut push = dialer("push --timeout 3", &address);
    push.told("connected to");
    // The timeout of this one is over when that of the other would be.
    let (other, _) = listener("pull --timeout 3.5");
    other.finish().ended(3);
    push.write(b"x\n");
    assert_eq!(pull.line(), "x\n");
}

const ROLES: [&str; 10] =
    ["req", "rep", "pub", "sub", "push", "pull", "surveyor", "respondent", "pair", "bus"];

#[test]
fn a_signal_ends_every_role_and_removes_its_socket_file() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        for role in ROLES {
            let (_folder, [_, ipc]) = places();
            let mut program = start(&[role, "--listen", &ipc]);
            program.told("listening on");
            assert!(socket_file(&ipc).exists());
            program.signal(signal);
            program.finish().ended(status);
            assert!(!socket_file(&ipc).exists(), "{role} leaves its socket file behind");
        }
    }
}

#[test]
fn a_signal_ends_the_program_as_if_it_was_not_caught() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut process = command(&words("pull --listen tcp://127.0.0.1:0")).spawn().unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        said.read_line(&mut String::new()).unwrap();
        kill_process(Pid::from_child(&process), signal).unwrap();
        assert_eq!(process.wait().unwrap().signal(), Some(signal.as_raw()));
    }
}

#[test]
fn the_end_of_a_terminal_ends_no_program_that_was_started_with_nohup() {
    let mut nohup = Command::new("nohup");
    nohup.arg(env!("CARGO_BIN_EXE_hubless")).args(words("pull -v --listen tcp://127.0.0.1:0 -n 1"));
    let nohup = nohup.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut pull = Program::watch(nohup.unwrap());
    let address = pull.address();
    pull.signal(Signal::HUP);
    dialer("push -d still", &address).finish().printed("");
    pull.finish().printed("still\n");
}

#[test]
fn an_error_removes_the_socket_files_that_were_made_before_it() {
    let (_folder, [_, ipc]) = places();
    for line in [
        format!("pull {ipc} tcp://nowhere"),
        format!("device queue --front-listen {ipc} --back-listen tcp://nowhere"),
        format!("rep {ipc} -e cat --timeout 0"),
    ] {
        let status = plain(&line).status;
        assert!(matches!(status, Some(1 | 3)), "{line}: {status:?}");
        assert!(!socket_file(&ipc).exists(), "{line} leaves its socket file behind");
    }
}

fn socket_file(address: &str) -> PathBuf {
    address.strip_prefix("ipc://").unwrap().into()
}

#[test]
fn ctrl_c_flushes_what_was_sent() {
    let (pull, address) = listener("pull");
    let push = dialer("push -d x -i 0.01", &address);
    pull.line();
    push.signal(Signal::INT);
    let finished = push.finish();
    finished.ended(130);
    assert!(!finished.diagnostics.contains("not delivered"), "{finished:?}");
}

/// A push with a message that its peer does not take. The peer stands still.
fn stuck_push(options: &str) -> (Program, Program) {
    let (mut pull, address) = listener("pull");
    let mut push = dialer(&format!("push --max-input 67108864 {options}"), &address);
    push.told("connected to");
    pull.told("1 new peer");
    pull.stop();
    push.write(&vec![b'x'; 64 << 20]);
    push.close_input();
    (push, pull)
}

#[test]
fn ctrl_c_ends_a_program_that_lingers() {
    let (push, _pull) = stuck_push("--linger 1000");
    push.press_ctrl_c_until_it_ends();
    push.finish().ended(130);
}

#[test]
fn a_second_signal_ends_at_once_and_leaves_no_socket_file() {
    let (_folder, [_, ipc]) = places();
    let (push, _pull) = stuck_push(&format!("--linger 1000 --listen {ipc}"));
    push.press_ctrl_c_until_it_ends();
    push.finish().ended(130);
    assert!(!socket_file(&ipc).exists());
}

#[test]
fn a_message_that_is_not_delivered_within_linger_is_told() {
    let (push, _pull) = stuck_push("--linger 0.1");
    let push = push.finish();
    push.said("1 message not delivered within 100 ms");
    push.ended(3);
}

#[test]
fn a_program_ends_quietly_when_the_reader_of_its_output_leaves() {
    for role in ["pull", "sub", "rep", "respondent", "pair", "bus", "req", "surveyor"] {
        let line = format!("{role} --listen tcp://127.0.0.1:0 -v");
        let mut child = command(&words(&line)).spawn().unwrap();
        let reader = child.stdout.take();
        let mut program = Program::watch(child);
        program.address();
        drop(reader);
        let finished = program.finish();
        finished.ended(0);
        let diagnostics = &finished.diagnostics;
        assert!(!diagnostics.contains("error") && !diagnostics.contains("warning"), "{finished:?}");
    }
}

#[test]
fn a_reader_that_takes_one_message_ends_the_program() {
    let mut child = command(&words("sub --listen tcp://127.0.0.1:0 -v")).spawn().unwrap();
    let messages = Stdio::from(child.stdout.take().unwrap());
    let mut sub = Program::watch(child);
    let address = sub.address();
    let head = Command::new("head").arg("-1").stdin(messages).stdout(Stdio::piped()).spawn().unwrap();
    let _publisher = dialer("pub -d news -i 0.01", &address);
    Program::watch(head).finish().printed("news\n");
    sub.finish().ended(0);
}

#[test]
fn a_standard_output_that_cannot_be_written_ends_with_status_1() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let child =
        command(&words("pull --listen tcp://127.0.0.1:0 -v")).stdout(Stdio::from(full)).spawn().unwrap();
    let mut pull = Program::watch(child);
    let address = pull.address();
    dialer("push -d x", &address).finish().printed("");
    let pull = pull.finish();
    pull.ended(1);
    pull.said("cannot write to standard output");
}

#[test]
fn a_message_over_the_limit_is_refused_and_told() {
    let (pull, address) = listener("pull --max-message 10 -n 1");
    let (pull, mut push) = (pull, dialer("push --linger 0", &address));
    push.write(b"much too long for that\n");
    push.told("was lost and made again");
    drop(push);
    dialer("push -d short", &address).finish().printed("");
    assert_eq!(pull.line(), "short\n");
    pull.finish().said("larger than --max-message");
}

#[test]
fn a_peer_of_the_wrong_pattern_is_told() {
    let (mut pull, address) = listener("pull");
    let publisher = dialer("pub -d x --timeout 1", &address).finish();
    publisher.ended(3);
    publisher.said("no connection to");
    pull.told("refused on");
}

#[test]
fn without_v_only_trouble_is_told() {
    let finished = |options: &str| {
        let line = format!("push --dial tcp://127.0.0.1:1 -d x --timeout 0.5 {options}");
        let finished = plain(&line);
        finished.ended(3);
        finished.diagnostics
    };
    let told = finished("");
    assert!(told.contains("no connection to") && !told.contains("dialing"), "{told}");
    assert_eq!(finished("-q").lines().count(), 1);
    assert!(finished("-v").contains("hubless: info: dialing tcp://127.0.0.1:1"));
    assert!(finished("-vv").contains("DEBUG"));
}

#[test]
fn rust_log_takes_the_place_of_v() {
    let line = words("-v push --dial tcp://127.0.0.1:1 -d x --timeout 0.1");
    let finished = Program::of(command(&line).env("RUST_LOG", "off")).finish();
    finished.ended(3);
    assert_eq!(finished.diagnostics, "");
    let line = words("push --listen tcp://127.0.0.1:0 -d x --timeout 0.1");
    let finished = Program::of(command(&line).env("RUST_LOG", "info")).finish();
    finished.said("listening on");
}

#[test]
fn it_does_not_matter_who_is_there_first() {
    let (first, address) = listener("pull");
    drop(first);
    let push = dialer("push -d x", &address);
    let pull = start(&["pull", "--listen", &address, "-n", "1"]);
    push.finish().printed("");
    pull.finish().printed("x\n");
}
