//! `hubless perf`: what each role prints, and what it makes of peers that misbehave.

use hubless::{Push, Sub};
use hubless_kit::LIMIT;
use serde_json::Value;

use crate::program::{Finished, dialer, listener, places, start, words};

const KEYS: [&str; 18] = [
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
    "work_ns",
];

/// The line that a role has printed, with all keys in order.
#[track_caller]
pub(crate) fn line(finished: &Finished, status: i32) -> Value {
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
    let told = "105 messages wrong or missing; 64 bytes expected, but 100 came";
    let [pull, _push] = pair("pull --size 64 --count 100", "push --size 100 --count 100");
    pull.said(told);
    let [_publisher, sub] = pair("pub --peers 1 --size 100 --count 100", "sub --size 64 --count 100");
    sub.said(told);
}
