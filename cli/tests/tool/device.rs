//! `hubless device`: peers on both sides of it, whichever end listens.

use std::fs;

use rustix::process::Signal;

use crate::program::{Finished, Program, dialer, places, start, words};

/// A running device and the addresses of its front and back, on both of which it listens.
fn device(kind: &str, front: &str, back: &str) -> (Program, String, String) {
    let sides = ["--front-listen", front, "--back-listen", back];
    let mut device = start(&[words("device"), words(kind), sides.into()].concat());
    let (front, back) = (device.address(), device.address());
    (device, front, back)
}

/// Runs `check` with a device over each transport.
fn each(kind: &str, check: impl Fn(Program, &str, &str)) {
    for transport in 0..2 {
        let ((_front_folder, fronts), (_back_folder, backs)) = (places(), places());
        let (device, front, back) = device(kind, &fronts[transport], &backs[transport]);
        check(device, &front, &back);
    }
}

/// Ends it with Ctrl-C.
fn interrupt(device: Program) -> Finished {
    device.signal(Signal::INT);
    let finished = device.finish();
    finished.ended(130);
    finished
}

#[test]
fn a_queue_stands_between_req_and_rep() {
    each("queue", |device, front, back| {
        let rep = dialer("rep -d pong -n 3", back);
        let req = dialer("req -d ping -n 3", front);
        req.finish().printed("pong\npong\npong\n");
        rep.finish().printed("ping\nping\nping\n");
        interrupt(device).said("passed on 3 messages to the back, 3 to the front\n");
    });
}

#[test]
fn a_streamer_stands_between_push_and_pull() {
    each("streamer", |device, front, back| {
        let pull = dialer("pull -n 100", back);
        let mut push = dialer("push", front);
        push.write(crate::program::numbers(100).as_bytes());
        push.close_input();
        push.finish().printed("");
        pull.finish().printed(crate::program::numbers(100));
        interrupt(device).said("passed on 100 messages to the back\n");
    });
}

#[test]
fn a_forwarder_stands_between_pub_and_sub() {
    each("forwarder", |mut device, front, back| {
        let sub = dialer("sub -n 1 --subscribe new", back);
        device.told("1 new peer");
        let publisher = dialer("pub -d news", front);
        publisher.finish().printed("");
        sub.finish().printed("news\n");
        interrupt(device).said("passed on 1 message to the back\n");
    });
}

#[test]
fn a_survey_stands_between_surveyor_and_respondents() {
    each("survey", |mut device, front, back| {
        let respondents = ["one", "two"].map(|name| dialer(&format!("respondent -d {name} -n 1"), back));
        while !device.told(" new peer").ends_with("2 now\n") {}
        let surveyor = dialer("surveyor -d who? -n 2 --deadline 60 --no-early-end", front).finish();
        assert_eq!(surveyor.status, Some(0), "{surveyor:?}");
        for respondent in respondents {
            respondent.finish().printed("who?\n");
        }
        interrupt(device).said("passed on 1 message to the back, 2 to the front");
    });
}

#[test]
fn pairs_talk_through_a_device_in_either_version() {
    for version in ["", "--pair-v1"] {
        each(&format!("pair {version}"), |device, front, back| {
            let left = dialer(&format!("pair {version} -d left -n 1"), front);
            let right = dialer(&format!("pair {version} -d right -n 1"), back);
            left.finish().printed("right\n");
            right.finish().printed("left\n");
            interrupt(device).said("passed on 1 message to the back, 1 to the front");
        });
    }
}

#[test]
fn without_a_back_a_pair_hears_itself_and_buses_hear_one_another() {
    let (_folder, places) = places();
    for place in &places {
        let mut device = start(&["device", "pair", "--front-listen", place]);
        let address = device.address();
        dialer("pair -d echo -n 1", &address).finish().printed("echo\n");
        interrupt(device).said("passed on 1 message");

        let mut hub = start(&["device", "bus", "--front-listen", place]);
        let address = hub.address();
        let listening = dialer("bus -n 1 --wait-peers 0", &address);
        hub.told("1 new peer");
        let mut talking = dialer("bus", &address);
        talking.write(b"hello\n");
        listening.finish().printed("hello\n");
        drop(talking);
        interrupt(hub).said("passed on 1 message");
    }
}

#[test]
fn a_device_dials_as_well_and_devices_can_be_chained() {
    let (far, far_front, far_back) = device("queue", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    let near_front = ["device", "queue", "--front-listen", "tcp://127.0.0.1:0", "--back-dial", &far_front];
    let mut near = start(&near_front);
    let address = near.address();
    let rep = dialer("rep -d pong -n 1", &far_back);
    dialer("req -d ping", &address).finish().printed("pong\n");
    rep.finish().printed("ping\n");
    for device in [near, far] {
        interrupt(device).said("passed on 1 message to the back, 1 to the front");
    }
}

#[test]
fn a_device_listens_on_many_addresses() {
    let (_folder, [tcp, ipc]) = places();
    let fronts = ["--front-listen", &tcp, "--front-listen", &ipc];
    let mut device =
        start(&[&["device", "queue", "--back-listen", "tcp://127.0.0.1:0"], &fronts[..]].concat());
    let addresses = [(); 3].map(|()| device.address());
    let [first, second, back] = &addresses;
    let rep = dialer("rep -n 2", back);
    for front in [first, second] {
        dialer("req -d hello", front).finish().printed("hello\n");
    }
    rep.finish().printed("hello\nhello\n");
}

#[test]
fn a_device_tells_every_second_what_goes_through_it_both_ways() {
    let places = ("tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    let (mut device, front, back) = device("queue --stats", places.0, places.1);
    let rep = dialer("rep -n 2", &back);
    let req = dialer("req -d ping -i 0.1 -n 2", &front);
    req.finish().printed("ping\nping\n");
    rep.finish().printed("ping\nping\n");
    let ways = ["| to the back 2, ", "| to the front 2, "];
    loop {
        let line = device.told("peers ");
        if ways.iter().all(|way| line.contains(way)) {
            break assert!(line.ends_with("| dropped 0\n"), "{line}");
        }
    }
    let finished = interrupt(device);
    let totals = finished.diagnostics.lines().rfind(|line| line.starts_with("peers ")).unwrap();
    assert!(ways.iter().all(|way| totals.contains(way)), "{totals}");
}

#[test]
fn without_a_back_there_is_one_way_to_tell_of() {
    let mut hub = start(&["device", "pair", "--stats", "--front-listen", "tcp://127.0.0.1:0"]);
    let address = hub.address();
    dialer("pair -d echo -n 1", &address).finish().printed("echo\n");
    hub.told("| passed on 1, ");
    interrupt(hub).said("passed on 1 message");
}

#[test]
fn sigterm_ends_a_device_like_ctrl_c() {
    let (device, ..) = device("queue", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    device.signal(Signal::TERM);
    let finished = device.finish();
    finished.ended(143);
    finished.said("passed on 0 messages to the back\n");
}

#[test]
fn a_device_that_waits_for_room_ends_and_tells_what_it_dropped() {
    let (mut device, front, _back) = device("streamer --linger 0", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    let push = dialer("push -d stuck", &front);
    push.finish().printed("");
    device.told("1 new peer");
    device.signal(Signal::INT);
    let finished = device.finish();
    finished.ended(130);
    finished.said("passed on 0 messages to the back, 1 dropped");
}

#[test]
fn only_the_report_is_told_without_v_and_nothing_with_q() {
    for (option, lines) in [("", 1), ("-q", 0)] {
        let (_folder, [_, ipc]) = places();
        let line = [words("device bus --front-listen"), vec![&ipc], words(option)].concat();
        let device = Program::of(&mut crate::program::command(&line));
        let path = ipc.strip_prefix("ipc://").unwrap();
        while !fs::exists(path).unwrap() {
            std::thread::yield_now();
        }
        dialer("bus -d x", &ipc).finish().printed("");
        device.signal(Signal::TERM);
        let finished = device.finish();
        finished.ended(143);
        assert_eq!(finished.diagnostics.lines().count(), lines, "{finished:?}");
    }
}

#[test]
fn an_address_in_use_ends_with_status_1() {
    let (_device, front, _back) = device("queue", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    let second = ["device", "queue", "--front-listen", &front, "--back-listen", "tcp://127.0.0.1:0"];
    let finished = start(&second).finish();
    finished.ended(1);
    finished.said("in use");
}
