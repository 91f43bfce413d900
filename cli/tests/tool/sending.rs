//! What is sent, how often, and when that ends.

use std::fs;
use std::time::{Duration, Instant};

use crate::program::{dialer, listener, numbers, plain, run, start, words};

#[test]
fn each_line_of_standard_input_is_a_message() {
    let (pull, address) = listener("pull -n 3 --format quoted");
    let mut push = dialer("push", &address);
    push.write(b"one\ntwo words\r\nlast without newline");
    push.close_input();
    push.finish().printed("");
    pull.finish().printed("\"one\"\n\"two words\\r\"\n\"last without newline\"\n");
}

#[test]
fn a_line_is_sent_before_the_next_is_there() {
    let (pull, address) = listener("pull");
    let mut push = dialer("push", &address);
    for word in ["one", "two"] {
        push.write(format!("{word}\n").as_bytes());
        assert_eq!(pull.line(), format!("{word}\n"));
    }
}

#[test]
fn an_empty_line_is_an_empty_message() {
    let (pull, address) = listener("pull -n 2 --format hex");
    let mut push = dialer("push", &address);
    push.write(b"\n\n");
    push.close_input();
    pull.finish().printed("\n\n");
}

#[test]
fn lines_may_be_any_bytes() {
    let (pull, address) = listener("pull -n 2 --format hex");
    let mut push = dialer("push", &address);
    push.write(b"\xff\0\xfe\n\x80");
    push.close_input();
    push.finish().printed("");
    pull.finish().printed("ff00fe\n80\n");
}

#[test]
fn the_end_of_standard_input_flushes_all_lines() {
    let (pull, address) = listener("pull -n 20000");
    let mut push = dialer("push", &address);
    let lines: String = numbers(20_000);
    push.write(lines.as_bytes());
    push.close_input();
    push.finish().printed("");
    pull.finish().printed(lines);
}

#[test]
fn an_empty_standard_input_sends_nothing() {
    let (_pull, address) = listener("pull");
    let mut push = dialer("push", &address);
    push.close_input();
    push.finish().printed("");
}

#[test]
fn a_message_on_the_command_line_is_sent_once() {
    let (pull, address) = listener("pull");
    dialer("push -d x", &address).finish().printed("");
    dialer("push -d end", &address).finish().printed("");
    assert_eq!((pull.line(), pull.line()), ("x\n".into(), "end\n".into()));
}

#[test]
fn an_empty_message_on_the_command_line_is_sent() {
    let (pull, address) = listener("pull -n 1 --format json");
    start(&["push", "--dial", &address, "-d", ""]).finish().printed("");
    pull.finish().printed("{\"text\":\"\"}\n");
}

#[test]
fn a_message_may_begin_with_a_hyphen() {
    let (pull, address) = listener("pull -n 1");
    start(&["push", "--dial", &address, "--data", "--not-an-option"]).finish().printed("");
    pull.finish().printed("--not-an-option\n");
}

#[test]
fn a_file_is_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture");
    let content: Vec<u8> =
        (0..3_000_000_u32).map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1]).collect();
    fs::write(&path, &content).unwrap();
    let (pull, address) = listener("pull -n 1 --format raw");
    start(&["push", "--dial", &address, "-f", path.to_str().unwrap()]).finish().printed("");
    pull.finish().printed(content);
}

#[test]
fn a_hyphen_for_a_file_is_standard_input_as_one_message() {
    let (pull, address) = listener("pull -n 1 --format raw");
    run(&["push", &address, "-f", "-"], b"two\nlines\n").printed("");
    pull.finish().printed("two\nlines\n");

    let mut rep = start(&["rep", "tcp://127.0.0.1:0", "-f", "-", "-n", "1"]);
    rep.write(b"an\nanswer");
    rep.close_input();
    let address = rep.address();
    dialer("req -d x --format raw", &address).finish().printed("an\nanswer");

    let refused = run(&["push", "tcp://127.0.0.1:9", "-f", "-", "--max-input", "3"], b"four");
    refused.ended(1);
    refused.said("standard input is larger than 3 bytes");
}

#[test]
fn an_address_needs_no_option() {
    for (listening, dialing) in [
        ("pull -n 1", "push -d x"),
        ("rep -n 1", "req -d x"),
        ("pub -d x", "sub -n 1"),
        ("surveyor -d x -n 1 --deadline 60", "respondent -n 1"),
    ] {
        let mut one = start(&[words(listening), vec!["tcp://127.0.0.1:0"]].concat());
        let address = one.address();
        let other = start(&[words(dialing), vec![&address]].concat());
        assert_eq!((one.finish().status, other.finish().status), (Some(0), Some(0)), "{listening}");
    }
    let mut one = start(&words("push tcp://127.0.0.1:0 -d x"));
    let address = one.address();
    start(&["pull", "--dial", &address, "-n", "1"]).finish().printed("x\n");
    one.finish().printed("");
}

#[test]
fn the_address_that_was_chosen_is_said_without_v_and_not_with_q() {
    for (role, options, said) in [("pull", "", true), ("push", "-d x", true), ("pull", "-q", false)] {
        let line = format!("{role} --listen tcp://127.0.0.1:0 {options} --timeout 0.1");
        let finished = plain(&line);
        finished.ended(3);
        assert_eq!(
            finished.diagnostics.contains("hubless: listening on tcp://127.0.0.1:"),
            said,
            "{finished:?}"
        );
        assert!(!finished.diagnostics.contains("listening on tcp://127.0.0.1:0\n"), "{finished:?}");
    }
    let finished = plain("pull tcp://*:0 --timeout 0.1");
    let said: Vec<_> =
        finished.diagnostics.lines().filter(|line| line.contains("hubless: listening on tcp://")).collect();
    assert_eq!(said.len(), 1, "{finished:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about time; later than expected is no failure")]
fn a_delay_is_waited_for_once_the_peers_are_there() {
    let (pull, address) = listener("pull -n 2");
    let begin = Instant::now();
    dialer("push -d x -n 2 --delay 0.3", &address).finish().printed("");
    assert!(begin.elapsed() >= Duration::from_millis(300));
    pull.finish().printed("x\nx\n");
}

#[test]
fn a_file_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answer");
    fs::write(&path, "two\nlines\n").unwrap();
    let mut rep = start(&["rep", "--listen", "tcp://127.0.0.1:0", "-f", path.to_str().unwrap()]);
    let address = rep.address();
    dialer("req -d x --format raw", &address).finish().printed("two\nlines\n");
}

#[test]
fn a_count_repeats_a_message_and_limits_lines() {
    let (pull, address) = listener("pull -n 5");
    dialer("push -d x -n 3", &address).finish().printed("");
    let mut push = dialer("push -n 2", &address);
    push.write(b"a\nb\nc\n");
    push.finish().printed("");
    pull.finish().printed("x\nx\nx\na\nb\n");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about time; later than expected is no failure")]
fn an_interval_repeats_a_message() {
    let (pull, address) = listener("pull -n 3");
    let begin = Instant::now();
    dialer("push -d x -i 0.2 -n 3", &address).finish().printed("");
    assert!(begin.elapsed() >= Duration::from_millis(400));
    pull.finish().printed("x\nx\nx\n");
}

#[test]
fn an_interval_without_a_count_goes_on() {
    let (pull, address) = listener("sub -n 10");
    let _publisher = dialer("pub -d tick -i 0.01", &address);
    pull.finish().printed("tick\n".repeat(10));
}

#[test]
fn a_sender_waits_for_as_many_peers_as_it_is_told() {
    let (publisher, address) = listener("pub -d x --wait-peers 3");
    let subs: Vec<_> = (0..3).map(|_| dialer("sub -n 1", &address)).collect();
    publisher.finish().printed("");
    for sub in subs {
        sub.finish().printed("x\n");
    }
}

#[test]
fn a_sender_waits_for_nobody_if_it_is_told_so() {
    let (publisher, _) = listener("pub -d x --wait-peers 0");
    publisher.finish().printed("");
}

#[test]
fn a_sub_prints_what_it_has_subscribed_to() {
    let (mut publisher, address) = listener("pub --wait-peers 2");
    let some = dialer("sub --subscribe oslo --subscribe bern -n 2", &address);
    let all = dialer("sub -n 3", &address);
    publisher.write(b"oslo 1\nrome 2\nbern 3\n");
    publisher.close_input();
    publisher.finish().printed("");
    some.finish().printed("oslo 1\nbern 3\n");
    all.finish().printed("oslo 1\nrome 2\nbern 3\n");
}

#[test]
fn a_socket_listens_and_dials_several_times() {
    let (mut pull, first) = listener("pull -n 3 --listen tcp://127.0.0.1:0");
    let second = pull.address();
    let (third, address) = listener("push -d c");
    assert_ne!(first, second);
    drop(third);
    dialer("push -d a", &first).finish().printed("");
    dialer("push -d b", &second).finish().printed("");
    let push = start(&[words("push -d c --dial"), vec![&first, "--dial", &address]].concat());
    push.finish().printed("");
    pull.finish().printed("a\nb\nc\n");
}

#[test]
fn a_line_without_end_is_an_error_and_not_kept_in_memory() {
    let (pull, address) = listener("pull -n 1");
    let mut push = dialer("push", &address);
    push.write(b"before\n");
    pull.finish().printed("before\n");
    let piece = vec![b'x'; 1 << 20];
    // It ends before it has read all of it, so what is written last may be refused.
    let mut written = 0;
    while written < 500 && push.try_write(&piece) {
        written += 1;
    }
    assert!(written < 500, "it reads without end");
    push.told("line 2 of standard input is larger than 16,777,216 bytes");
    push.close_input();
    let finished = push.finish();
    finished.ended(1);
    finished.said("is a newline missing?");
    finished.said("--max-message");
}

#[test]
fn a_line_may_be_as_long_as_it_is_allowed_to() {
    let (pull, address) = listener("pull -n 1 --max-message 30000000 --format raw");
    let line = vec![b'x'; 20 << 20];
    let mut push = dialer("push --max-input 20971520", &address);
    push.write(&line);
    push.write(b"\n");
    push.close_input();
    push.finish().printed("");
    pull.finish().printed(line);
}

#[test]
fn a_file_without_end_is_an_error() {
    for role in ["push --dial", "rep --listen"] {
        let zero = [words(role), vec!["tcp://127.0.0.1:0", "-f", "/dev/zero"]].concat();
        let arguments: Vec<&str> =
            zero.iter()
                .map(|word| {
                    if role.starts_with("push") && word.ends_with(":0") { "tcp://127.0.0.1:9" } else { word }
                })
                .collect();
        let refused = start(&arguments).finish();
        refused.ended(1);
        refused.said("the file /dev/zero is larger than 16,777,216 bytes");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small");
    fs::write(&path, "four!").unwrap();
    let path = path.to_str().unwrap();
    start(&["push", "--dial", "tcp://127.0.0.1:9", "--max-input", "4", "-f", path]).finish().ended(1);
}
