//! Pair and bus send and receive at once.

use crate::program::{dialer, listener, run, start};

#[test]
fn the_ends_of_a_pair_talk_line_by_line() {
    let (mut left, address) = listener("pair");
    let mut right = dialer("pair", &address);
    for _ in 0..3 {
        left.write(b"ping\n");
        assert_eq!(right.line(), "ping\n");
        right.write(b"pong\n");
        assert_eq!(left.line(), "pong\n");
    }
    right.close_input();
    right.finish().printed("");
    left.close_input();
    left.finish().printed("");
}

#[test]
fn the_end_of_standard_input_ends_a_pair_after_everything_is_sent() {
    let (left, address) = listener("pair --format hex");
    run(&["pair", "--dial", &address], b"a\n\xff").printed("");
    assert_eq!((left.line(), left.line()), ("61\n".into(), "ff\n".into()));
}

#[test]
fn a_count_has_a_pair_receive_on_after_the_end_of_standard_input() {
    let (left, address) = listener("pair -n 2");
    let mut left = left;
    left.close_input();
    dialer("pair -d a", &address).finish().printed("");
    dialer("pair -d b", &address).finish().printed("");
    left.finish().printed("a\nb\n");
}

#[test]
fn a_count_ends_a_pair_though_standard_input_is_open() {
    let (left, address) = listener("pair -n 1");
    dialer("pair -d a", &address).finish().printed("");
    left.finish().printed("a\n");
}

#[test]
fn a_pair_of_version_1_does_not_talk_to_version_0() {
    let (_left, address) = listener("pair");
    let right = dialer("pair --pair-v1 -d a --timeout 1", &address).finish();
    right.ended(3);
    right.said("no connection to");
}

#[test]
fn three_buses_hear_one_another() {
    let (first, one) = listener("bus -d first -n 2 --wait-peers 2");
    let mut second = start(&[
        "bus",
        "-d",
        "second",
        "-n",
        "2",
        "--wait-peers",
        "2",
        "--dial",
        &one,
        "--listen",
        "tcp://127.0.0.1:0",
    ]);
    let two = second.address();
    let third =
        start(&["bus", "-d", "third", "-n", "2", "--wait-peers", "2", "--dial", &one, "--dial", &two]);
    for (bus, others) in
        [(first, ["second", "third"]), (second, ["first", "third"]), (third, ["first", "second"])]
    {
        let bus = bus.finish();
        let text = String::from_utf8(bus.output).unwrap();
        let mut heard: Vec<_> = text.lines().collect();
        heard.sort_unstable();
        assert_eq!((heard.as_slice(), bus.status), (&others[..], Some(0)), "{}", bus.diagnostics);
    }
}

#[test]
fn a_third_pair_sends_nothing_and_fails() {
    let (left, address) = listener("pair");
    let mut right = dialer("pair", &address);
    right.write(b"first\n");
    assert_eq!(left.line(), "first\n");
    let third = dialer("pair -d third --timeout 1", &address).finish();
    third.ended(3);
    third.said(&format!("while waiting for a peer of {address}"));
    right.write(b"last\n");
    assert_eq!(left.line(), "last\n");
}
