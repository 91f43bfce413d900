//! `hubless perf`: what each role prints, and what it makes of peers that misbehave.

use std::fs;
use std::path::Path;

use hubless::{Push, Sub};
use hubless_kit::LIMIT;
use rustix::process::Signal;
use serde_json::Value;

use crate::program::{Finished, dialer, listener, places, plain, start, words};

const KEYS: [&str; 17] = [
    "pattern",
    "role",
    "transport",
    "size",
    "count",
    "seconds",
    "msgs_per_s",
    "mb_per_s",
    "p50_us",
    "p90_us",
    "p99_us",
    "p999_us",
    "mean_us",
    "cpu_user_s",
    "cpu_sys_s",
    "dropped",
    "bad",
];

/// The line that a role has printed, with all keys in order.
#[track_caller]
fn line(finished: &Finished, status: i32) -> Value {
    assert_eq!(finished.status, Some(status), "{finished:?}");
    let text = str::from_utf8(&finished.output).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "{text}");
    let line: Value = serde_json::from_str(text).unwrap();
    let places: Vec<_> = KEYS.iter().map(|key| text.find(&format!("\"{key}\":")).expect(key)).collect();
    assert!(places.is_sorted() && line.as_object().unwrap().len() == KEYS.len(), "{text}");
    line
}

/// What is null and what is not.
#[track_caller]
fn knows(line: &Value, figures: &[&str]) {
    for key in &KEYS[3..] {
        assert_eq!(!line[key].is_null(), figures.contains(key), "{key} of {line}");
    }
}

/// Runs the two roles with a peer over tcp, the first as the listener.
fn pair(listening: &str, dialing: &str) -> [Finished; 2] {
    let (listening, address) = listener(&format!("perf {listening}"));
    let dialing = dialer(&format!("perf {dialing}"), &address);
    [listening.finish(), dialing.finish()]
}

const THROUGHPUT: [&str; 6] = ["size", "count", "seconds", "msgs_per_s", "mb_per_s", "cpu_user_s"];

#[test]
fn push_and_pull_tell_throughput_over_each_transport() {
    let (_folder, places) = places();
    for place in places {
        let mut pull = start(&words(&format!("perf pull --size 64 --count 2000 --listen {place}")));
        let push = dialer("perf push --size 64 --count 2000", &pull.address());
        let (pull, push) = (line(&pull.finish(), 0), line(&push.finish(), 0));
        knows(&pull, &[&THROUGHPUT[..], &["cpu_sys_s", "bad"]].concat());
        knows(&push, &[&THROUGHPUT[..], &["cpu_sys_s", "dropped"]].concat());
        for (line, role) in [(&pull, "pull"), (&push, "push")] {
            assert_eq!((&line["pattern"], &line["role"]), (&"pipeline".into(), &role.into()));
            assert_eq!(line["transport"], place.split(':').next().unwrap());
            assert_eq!((&line["size"], &line["count"]), (&64.into(), &2000.into()));
            let rate = line["count"].as_f64().unwrap() / line["seconds"].as_f64().unwrap();
            assert!((line["msgs_per_s"].as_f64().unwrap() / rate - 1.0).abs() < 1e-3, "{line}");
        }
        assert_eq!((&pull["bad"], &push["dropped"]), (&0.into(), &0.into()));
    }
}

#[test]
fn each_size_arrives_whole_in_batches_or_one_by_one() {
    for (size, count) in [(0, 500), (1, 500), (7, 500), (8, 500), (64, 500), (100_000, 50)] {
        for batch in [1, 7] {
            let load = format!("--size {size} --count {count} --batch {batch}");
            let [pull, push] = pair(&format!("pull {load}"), &format!("push {load}"));
            let (pull, push) = (line(&pull, 0), line(&push, 0));
            assert_eq!((&pull["count"], &push["count"]), (&count.into(), &count.into()), "{load}");
            assert_eq!((&pull["bad"], &push["dropped"]), (&0.into(), &0.into()), "{load}");
        }
    }
}

#[test]
fn a_single_message_has_no_rate() {
    let [pull, push] = pair("pull --size 64 --count 1", "push --size 64 --count 1");
    let pull = line(&pull, 0);
    assert_eq!((&pull["count"], &pull["msgs_per_s"]), (&1.into(), &Value::Null));
    line(&push, 0);
}

#[test]
fn many_sockets_send_to_one() {
    for size in [8, 64, 5000] {
        let load = format!("--size {size} --count 1000");
        let [pull, push] = pair(&format!("pull {load} --peers 3"), &format!("push {load} --sockets 3"));
        assert_eq!((&line(&pull, 0)["bad"], &line(&push, 0)["count"]), (&0.into(), &1000.into()), "{size}");
    }
}

#[test]
fn one_socket_sends_to_many() {
    for batch in [1, 16] {
        let load = format!("--size 64 --count 1000 --batch {batch}");
        let [push, pull] = pair(&format!("push {load} --peers 3"), &format!("pull {load} --sockets 3"));
        assert_eq!((&line(&pull, 0)["bad"], &line(&push, 0)["dropped"]), (&0.into(), &0.into()), "{batch}");
    }
}

#[test]
fn req_tells_round_trips_and_rep_ends_with_it() {
    let (_folder, places) = places();
    for (place, size) in places.into_iter().zip([0, 5000]) {
        let mut rep = start(&words(&format!("perf rep --listen {place}")));
        let req = dialer(&format!("perf req --size {size} --count 200"), &rep.address());
        let (req, rep) = (line(&req.finish(), 0), line(&rep.finish(), 0));
        let times = ["p50_us", "p90_us", "p99_us", "p999_us"];
        knows(&req, &[&THROUGHPUT[..], &times, &["mean_us", "cpu_sys_s", "bad"]].concat());
        knows(&rep, &["count", "cpu_user_s", "cpu_sys_s", "dropped"]);
        assert_eq!((&req["count"], &req["bad"]), (&200.into(), &0.into()));
        assert_eq!(rep["count"], 210, "with the warm-up");
        assert!(times.map(|key| req[key].as_f64().unwrap()).is_sorted(), "{req}");
        assert!(req["p50_us"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn sub_counts_what_was_delivered_and_pub_what_was_not() {
    let (_folder, places) = places();
    for place in places {
        for (size, sockets) in [(0, 1), (1, 3), (64, 3), (64, 1), (100_000, 2)] {
            let load = format!("--size {size} --count 300");
            let publisher = format!("perf pub {load} --peers {sockets} --listen {place}");
            let mut publisher = start(&words(&publisher));
            let subs = dialer(&format!("perf sub {load} --sockets {sockets}"), &publisher.address());
            let (subs, publisher) = (line(&subs.finish(), 0), line(&publisher.finish(), 0));
            knows(&publisher, &[&THROUGHPUT[..], &["cpu_sys_s", "dropped"]].concat());
            assert_eq!((&publisher["count"], &subs["bad"]), (&300.into(), &0.into()), "{size} {sockets}");
            assert_eq!(subs["dropped"], publisher["dropped"], "{size} {sockets}");
            let delivered = subs["count"].as_u64().unwrap() + subs["dropped"].as_u64().unwrap();
            assert_eq!(delivered, 300 * sockets, "{size} {sockets}");
        }
    }
}

#[test]
fn a_publisher_that_outruns_its_subscribers_tells_as_many_drops_as_they_do() {
    let load = "--size 100 --count 100000";
    for overflow in ["drop-newest", "drop-oldest", "block"] {
        let publisher = format!("pub {load} --peers 2 --batch 64 --overflow {overflow}");
        let [publisher, subs] = pair(&publisher, &format!("sub {load} --sockets 2"));
        let (publisher, subs) = (line(&publisher, 0), line(&subs, 0));
        assert_eq!((&publisher["dropped"], &subs["bad"]), (&subs["dropped"], &0.into()), "{overflow}");
        assert!(overflow != "block" || subs["dropped"] == 0, "{subs}");
    }
}

#[test]
fn the_end_marker_is_no_message() {
    let (publisher, address) = listener("perf pub --size 3 --count 100 --peers 1");
    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    sub.dial(address).unwrap();
    let mut lengths = std::iter::from_fn(|| sub.recv_timeout(LIMIT).ok()).map(|message| message.len());
    assert!(lengths.by_ref().take(105).all(|length| length == 3));
    assert!(lengths.by_ref().take(2).all(|length| length == 0), "repeated");
    drop(lengths);
    drop(sub);
    line(&publisher.finish(), 0);
}

#[test]
fn both_ends_in_one_process() {
    for (line_of, figures) in [
        ("inproc-thr --size 64 --count 5000", &["dropped"][..]),
        ("inproc-thr --size 9000 --count 5000 --batch 256", &["dropped"]),
        ("inproc-lat --size 64 --count 500", &["p50_us", "p90_us", "p99_us", "p999_us", "mean_us"]),
    ] {
        let line = line(&start(&words(&format!("perf {line_of}"))).finish(), 0);
        knows(&line, &[&THROUGHPUT[..], &["cpu_sys_s", "bad"], figures].concat());
        assert_eq!((&line["transport"], &line["bad"]), (&"inproc".into(), &0.into()));
    }
}

/// A pull that has got these bodies of 100 from a peer that then leaves.
fn pulled(size: usize, bodies: &[Vec<u8>]) -> Value {
    let (pull, address) = listener(&format!("perf pull --size {size} --count 100"));
    let push = Push::new().unwrap();
    push.dial(address).unwrap();
    push.wait_for_peers(1, LIMIT).unwrap();
    push.send_many(bodies).unwrap();
    push.close(LIMIT).unwrap();
    line(&pull.finish(), 1)
}

fn numbered(numbers: impl IntoIterator<Item = u64>) -> Vec<Vec<u8>> {
    numbers.into_iter().map(|number| number.to_le_bytes().to_vec()).collect()
}

#[test]
fn what_is_missing_is_bad() {
    let line = pulled(8, &numbered(0..30));
    assert_eq!((&line["count"], &line["bad"]), (&25.into(), &75.into()));
    knows(&line, &["size", "count", "bad"]);
    assert_eq!(pulled(8, &[])["bad"], 105);
}

#[test]
fn what_comes_late_twice_or_was_never_sent_is_bad() {
    let twice = numbered((0..105).map(|number| if number == 50 { 49 } else { number }));
    assert_eq!(pulled(8, &twice)["bad"], 1);
    let late = numbered((0..105).map(|number| match number {
        50 => 51,
        51 => 50,
        number => number,
    }));
    assert_eq!(pulled(8, &late)["bad"], 1);
    let invented = numbered((0..105).map(|number| if number == 50 { 1 << 60 } else { number }));
    assert_eq!(pulled(8, &invented)["bad"], 1);
}

#[test]
fn what_is_damaged_is_bad() {
    let body = |number: u8| [&[number, 0, 0, 0, 0, 0, 0, 0][..], &(8..100).collect::<Vec<u8>>()].concat();
    let mut bodies: Vec<Vec<u8>> = (0..105).map(body).collect();
    bodies[20][99] = 0;
    bodies[21].pop();
    bodies[22].push(0);
    bodies[23].clear();
    bodies[24][54] ^= 1;
    assert_eq!(pulled(100, &bodies)["bad"], 5);
}

#[test]
fn the_messages_of_somebody_else_are_bad() {
    let (pull, address) = listener("perf pull --size 5 --count 3");
    let mut push = dialer("push", &address);
    push.write(b"these\nlines\nare not\n");
    push.close_input();
    push.finish().printed("");
    let pull = pull.finish();
    pull.said("3 messages wrong or missing");
    assert_eq!(line(&pull, 1)["bad"], 3);
}

#[test]
fn who_sends_another_size_than_is_expected_is_told() {
    let told = "105 messages wrong or missing; 64 bytes expected, and 100 came";
    let [pull, _push] = pair("pull --size 64 --count 100", "push --size 100 --count 100");
    pull.said(told);
    let [_publisher, sub] = pair("pub --peers 1 --size 100 --count 100", "sub --size 64 --count 100");
    sub.said(told);
}

#[test]
fn the_death_of_the_sender_ends_its_receiver() {
    let load = "--size 64 --count 1000000000";
    let (mut pull, address) = listener(&format!("perf pull {load}"));
    let mut push = dialer(&format!("perf push {load}"), &address);
    push.told("connected to");
    pull.told("1 peer more");
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
        receiver.told("1 peer more");
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
        listening.told("1 peer more");
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
    publisher.told("1 peer more");
    publisher.signal(Signal::KILL);
    let sub = sub.finish();
    sub.said("the publisher left before its end");
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
    pull.told("1 peer more");
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
        ("pull --size 1 --count 1", "--listen <URL>|--dial <URL>"),
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
            "--overflow makes no sense for pull: it is for pub",
        ),
        ("pull --listen tcp://*:0 --size 1 --count 1 --format hex", "--format"),
        ("pull --listen tcp://*:0 --size 7 --count 1 --peers 2", "--size of 8"),
        ("push --listen tcp://*:0 --size 8 --count 1 --sockets 2", "--sockets needs --dial"),
        ("sub --listen tcp://*:0 --size 8 --count 1 --sockets 2", "--sockets needs --dial"),
        ("pub --listen tcp://*:0 --size 8 --count 1", "--peers <P>"),
        ("pub --listen tcp://*:0 --size 8 --count 1 --peers 1 --overflow drop", "drop-newest"),
        ("pull --listen inproc://x --size 1 --count 1", "inproc-thr"),
        ("rep --listen tcp://*:0 --size 1", "--size makes no sense for rep"),
        ("rep --listen tcp://*:0 --pin x", "--pin"),
        ("inproc-thr --size 1 --count 1 --timeout 1", "--timeout makes no sense for inproc-thr"),
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
        assert!(str::from_utf8(&finished.output).unwrap().contains("Examples:") || role.is_empty(), "{role}");
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
        finished.said("cannot pin to processor");
        finished.said("those that may be used are [");
    }
}
