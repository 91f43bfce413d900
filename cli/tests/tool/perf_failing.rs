//! `hubless perf`: what ends a measurement, and how nonsense is explained.

use std::fs;
use std::path::Path;

use rustix::process::Signal;

use crate::perf::line;
use crate::program::{dialer, listener, places, plain, start, words};

#[test]
fn the_death_of_the_sender_ends_its_receiver() {
    let load = "--size 64 --count 1000000000";
    let (mut pull, address) = listener(&format!("perf pull {load}"));
    let mut push = dialer(&format!("perf push {load}"), &address);
    push.told("connected to");
    pull.told("1 new peer");
    push.signal(Signal::KILL);
    let line = line(&pull.finish(), 1);
    let (count, bad) = (line["count"].as_u64().unwrap(), line["bad"].as_u64().unwrap());
    assert!(bad > 0 && count + bad >= 1_000_000_000, "{line}");
}

#[test]
fn the_death_of_the_receiver_ends_its_sender() {
    for (receiver, sender) in [
        ("perf pull --size 64 --count 1000000000", "perf push --size 64 --count 1000000000"),
        ("perf rep", "perf req --size 64 --count 1000000000"),
    ] {
        let (mut receiver, address) = listener(receiver);
        let mut sender = dialer(sender, &address);
        sender.told("connected to");
        receiver.told("1 new peer");
        receiver.signal(Signal::KILL);
        let sender = sender.finish();
        sender.ended(1);
        sender.said("the peers left before everything was done");
    }
}

#[test]
fn ctrl_c_ends_a_measurement_in_order() {
    let (_folder, [_, at]) = places();
    let load = ["--size", "64", "--count", "1000000000"];
    for (listening, dialing) in [(["perf", "pull"], ["perf", "push"]), (["perf", "rep"], ["perf", "req"])] {
        let counted = if listening[1] == "pull" { &load[..] } else { &[] };
        let mut listening = start(&[&listening[..], &["--listen", &at], counted].concat());
        listening.told("listening on");
        let _dialing = start(&[&dialing[..], &["--dial", &at], &load].concat());
        listening.told("1 new peer");
        listening.signal(Signal::INT);
        assert_eq!(listening.finish().status, Some(130));
        assert!(!Path::new(at.trim_start_matches("ipc://")).exists(), "the socket file is left behind");
    }
}

#[test]
fn the_death_of_the_publisher_ends_its_subscriber() {
    let load = "--size 64 --count 1000000000";
    let (mut publisher, address) = listener(&format!("perf pub {load} --peers 1"));
    let mut sub = dialer(&format!("perf sub {load}"), &address);
    sub.told("connected to");
    publisher.told("1 new peer");
    publisher.signal(Signal::KILL);
    let sub = sub.finish();
    sub.said("the publisher left before the end");
    assert!(line(&sub, 1)["dropped"].as_u64().unwrap() > 0);
}

#[test]
fn waiting_too_long_for_a_peer_ends_with_status_3() {
    for role in ["push --size 1 --count 1", "req --size 1 --count 1", "pub --size 1 --count 1 --peers 1"] {
        let (program, _) = listener(&format!("perf {role} --timeout 0.1"));
        let finished = program.finish();
        finished.ended(3);
        finished.said("gave up");
    }
    for role in ["pull --size 1 --count 1", "sub --size 1 --count 1", "rep"] {
        let finished = listener(&format!("perf {role} --timeout 0.1")).0.finish();
        finished.said("gave up");
        line(&finished, 3);
    }
}

#[test]
fn a_peer_that_stands_still_ends_with_status_3() {
    let load = "--size 64 --count 1000000000";
    let (mut pull, address) = listener(&format!("perf pull {load}"));
    let push = dialer(&format!("perf push {load} --timeout 5"), &address);
    pull.told("1 new peer");
    pull.stop();
    let push = push.finish();
    push.ended(3);
    push.said("gave up");
}

#[test]
fn nonsense_is_explained() {
    for (wrong, why) in [
        ("", "Usage: hubless perf"),
        ("juggle", "juggle"),
        ("pull --size 1 --count 1", "an address to listen on is missing"),
        ("pull --listen tcp://*:0 --dial tcp://h:1 --size 1 --count 1", "cannot be used with"),
        ("pull --listen tcp://*:0 --count 1", "--size <B>"),
        ("pull --listen tcp://*:0 --size 1", "--count <N>"),
        ("pull --listen tcp://*:0 --size 1 --count 0", "0 is not in 1.."),
        ("pull --listen tcp://*:0 --size -1 --count 1", "-1"),
        ("pull --listen tcp://*:0 --size x --count 1", "not a number of bytes"),
        ("pull --listen tcp://*:0 --size 1000000000000 --count 1", "the most"),
        ("pull --listen tcp://*:0 --size 1 --count 1 --batch 0", "0 is not in 1.."),
        (
            "pull --listen tcp://*:0 --size 1 --count 1 --overflow block",
            "pull has no --overflow; it is an option of pub",
        ),
        ("pull --listen tcp://*:0 --size 1 --count 1 --format hex", "--format"),
        ("pull --listen tcp://*:0 --size 7 --count 1 --peers 2", "--size 8 or more"),
        ("push --listen tcp://*:0 --size 8 --count 1 --sockets 2", "--sockets needs --dial"),
        ("sub --listen tcp://*:0 --size 8 --count 1 --sockets 2", "--sockets needs --dial"),
        ("pub --listen tcp://*:0 --size 8 --count 1", "--peers <P>"),
        ("pub --listen tcp://*:0 --size 8 --count 1 --peers 1 --overflow drop", "drop-newest"),
        ("pull --listen inproc://x --size 1 --count 1", "inproc-thr"),
        ("rep --listen tcp://*:0 --size 1", "rep has no --size"),
        ("rep --listen tcp://*:0 --pin x", "--pin"),
        ("inproc-thr --size 1 --count 1 --timeout 1", "inproc-thr has no --timeout"),
    ] {
        let finished = plain(&format!("perf {wrong}"));
        finished.ended(2);
        finished.said(why);
    }
    let finished = start(&words("perf pull --listen tcp://nowhere --size 1 --count 1")).finish();
    finished.ended(1);
    finished.said("tcp://nowhere");
}

#[test]
fn help_tells_of_each_role() {
    for role in ["", "pull", "push", "rep", "req", "pub", "sub", "inproc-thr", "inproc-lat"] {
        let line = format!("perf {role} --help");
        let finished = plain(&line);
        assert_eq!(finished.status, Some(0), "{role}");
        assert!(str::from_utf8(&finished.output).unwrap().contains("\nExample") || role.is_empty(), "{role}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn every_thread_runs_where_it_is_pinned() {
    let allowed = |status: String| {
        status.split("Cpus_allowed_list:\t").nth(1).unwrap().lines().next().unwrap().to_owned()
    };
    let here = allowed(fs::read_to_string("/proc/self/status").unwrap());
    let cpu = here.split(['-', ',']).next().unwrap();
    let (rep, address) = listener(&format!("perf rep --pin {cpu}"));
    let threads: Vec<_> = fs::read_dir(format!("/proc/{}/task", rep.id())).unwrap().collect();
    let req = dialer(&format!("perf req --size 8 --count 100 --pin {cpu}"), &address);
    assert!(threads.len() > 1);
    for thread in threads {
        let status = fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        assert_eq!(allowed(status), cpu);
    }
    assert_eq!(line(&req.finish(), 0)["bad"], 0);
    line(&rep.finish(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_processor_that_is_not_there_is_told() {
    for cpu in ["1000", "1000000"] {
        let finished = start(&["perf", "inproc-thr", "--size", "1", "--count", "1", "--pin", cpu]).finish();
        finished.ended(1);
        finished.said("cannot pin to CPU");
        finished.said("this process may use [");
    }
}
