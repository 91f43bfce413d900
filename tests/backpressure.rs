//! A receiver that is not ready holds its senders up, loses nothing, and costs no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use hubless::{Error, Pair, Pull, Push, Req};
use hubless_kit::peer::{Host, PULL, REP};
use hubless_kit::{
    ALL, LIMIT, Peers, SOON, Site, WIRES, body, counts, eventually, link, now, over, passes, stalled,
};

/// How long a receiver reads nothing.
const HOLD: Duration = Duration::from_secs(2);
const MESSAGES: usize = 10_000;

#[over(ALL, LIMIT + HOLD)]
fn a_pull_that_reads_nothing_for_a_while_loses_nothing(site: &Site) {
    hold(site, HOLD);
}

#[over(ALL, Duration::from_secs(200))]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn a_pull_that_reads_nothing_for_more_than_a_minute_loses_nothing(site: &Site) {
    hold(site, Duration::from_secs(65));
}

fn hold(site: &Site, time: Duration) {
    let pull = Pull::new().expect("a socket");
    let push = Push::new().expect("a socket");
    link(site, &pull, &push);
    let sent = Arc::new(AtomicUsize::new(0));
    let progress = Arc::clone(&sent);
    let sending = thread::spawn(move || {
        for number in 0..MESSAGES {
            push.send(body(number, 4000)).expect("room, some time");
            progress.fetch_add(1, Ordering::Relaxed);
        }
        push.close(SOON).expect("an end")
    });
    // Where the machine is busy, who sends may not run for a while: that it has stopped is seen by that it never comes to its end.
    stalled(|| sent.load(Ordering::Relaxed));
    let end = now() + time;
    while now() < end {
        thread::park_timeout(Duration::from_millis(50));
        let held = sent.load(Ordering::Relaxed);
        assert!(held < MESSAGES, "the sender must have been held up");
    }
    assert_eq!((pull.stats().pipes, pull.stats().disconnected), (1, 0));
    for number in 0..MESSAGES {
        assert!(pull.recv_timeout(SOON).expect("a message") == body(number, 4000), "message {number}");
    }
    assert_eq!(sending.join().expect("no panic").dropped, 0);
    assert_eq!(pull.stats().drops.total(), 0);
}

#[over(ALL)]
fn a_sender_that_was_held_up_goes_on_when_there_is_room(site: &Site) {
    let (pull, push) =
        (Pull::builder().recv_buffer(10).build().unwrap(), Push::builder().send_buffer(10).build().unwrap());
    link(site, &pull, &push);
    let sent = Arc::new(AtomicUsize::new(0));
    let progress = Arc::clone(&sent);
    thread::spawn(move || {
        while push.send(body(0, 100_000)).is_ok() {
            progress.fetch_add(1, Ordering::Relaxed);
        }
    });
    for _ in 0..3 {
        let held = stalled(|| sent.load(Ordering::Relaxed));
        for _ in 0..held {
            pull.recv_timeout(SOON).unwrap();
        }
        eventually(|| sent.load(Ordering::Relaxed) > held);
    }
}

#[over(ALL)]
fn both_queues_stay_within_their_bounds(site: &Site) {
    let (pull, push) =
        (Pull::builder().recv_buffer(7).build().unwrap(), Push::builder().send_buffer(5).build().unwrap());
    link(site, &pull, &push);
    let mut last = now();
    let mut sent = 0;
    eventually(|| {
        while push.try_send(vec![0; 10_000]).is_ok() {
            sent += 1;
            last = now();
            assert!(push.stats().send_queue <= 5, "{:?}", push.stats());
        }
        assert!(pull.stats().recv_queue <= 7, "{:?}", pull.stats());
        last.elapsed() > Duration::from_millis(200)
    });
    let failed = push.try_send("no room").unwrap_err();
    assert!(matches!(failed.error, Error::Full));
    assert_eq!(failed.message, "no room");
    let failed = push.send_timeout("no room", Duration::from_millis(20)).unwrap_err();
    assert!(matches!(failed.error, Error::Timeout { .. }));
    assert_eq!(failed.message, "no room");
    for _ in 0..sent {
        assert_eq!(pull.recv_timeout(SOON).unwrap().len(), 10_000);
    }
    passes(&push, &pull, "room again");
}

#[over(ALL)]
fn bytes_bound_the_queues_as_well_and_one_large_message_passes(site: &Site) {
    let pull = Pull::builder().recv_buffer_bytes(10_000).build().unwrap();
    let push = Push::builder().send_buffer_bytes(10_000).build().unwrap();
    link(site, &pull, &push);
    push.send(body(0, 3 << 20)).unwrap();
    assert!(pull.recv_timeout(SOON).unwrap() == body(0, 3 << 20));
    let mut sent = 0;
    let mut last = now();
    eventually(|| {
        while push.try_send(vec![0; 1000]).is_ok() {
            sent += 1;
            last = now();
        }
        // A message is taken while there is room for any of it.
        assert!(pull.stats().recv_queue <= 11);
        last.elapsed() > Duration::from_millis(200)
    });
    assert!(push.stats().send_queue <= 11);
    for _ in 0..sent {
        assert_eq!(pull.recv_timeout(SOON).unwrap().len(), 1000);
    }
}

#[over(ALL)]
fn a_pair_is_held_up_in_each_direction_by_itself(site: &Site) {
    let builder = || Pair::builder().send_buffer(10).recv_buffer(10).build().unwrap();
    let (left, right) = (builder(), builder());
    link(site, &left, &right);
    let flooding = left.clone();
    let flooding = thread::spawn(move || {
        let mut sent = 0;
        while flooding.send_timeout(body(sent, 50_000), Duration::from_millis(300)).is_ok() {
            sent += 1;
        }
        sent
    });
    let sent = flooding.join().unwrap();
    for number in 0..100 {
        right.send(body(number, 1000)).unwrap();
        assert!(left.recv_timeout(SOON).unwrap() == body(number, 1000));
    }
    for number in 0..sent {
        assert!(right.recv_timeout(SOON).unwrap() == body(number, 50_000));
    }
}

#[over(WIRES)]
fn requests_wait_for_a_server_that_takes_no_more(site: &Site) {
    let host = Host::new(site);
    let req = Req::builder().send_buffer(5).build().unwrap();
    req.dial(host.address()).unwrap();
    let _deaf = host.greeted(REP);
    req.peers(1);
    let mut pending = Vec::new();
    let failed = loop {
        match req.send_timeout(vec![0; 500_000], Duration::from_millis(200)) {
            Ok(answer) => pending.push(answer),
            Err(failed) => break failed,
        }
        assert!(pending.len() < 200);
    };
    assert!(matches!(failed.error, Error::Timeout { .. }));
    assert_eq!(failed.message.len(), 500_000);
}

#[over(ALL)]
fn several_senders_that_are_held_up_all_go_on(site: &Site) {
    let (pull, push) =
        (Pull::builder().recv_buffer(4).build().unwrap(), Push::builder().send_buffer(4).build().unwrap());
    link(site, &pull, &push);
    let senders: Vec<_> = (0..8)
        .map(|_| push.clone())
        .map(|push| thread::spawn(move || (0..100).for_each(|_| push.send(vec![0; 20_000]).unwrap())))
        .collect();
    for _ in 0..800 {
        assert_eq!(pull.recv_timeout(SOON).unwrap().len(), 20_000);
    }
    for sender in senders {
        sender.join().unwrap();
    }
    counts(&push, |stats| stats.sent == 800 && stats.send_queue == 0);
}

#[over(ALL)]
fn one_pipe_that_is_held_up_does_not_hold_up_the_others(site: &Site) {
    let pull = Pull::builder().recv_buffer(100).build().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let full = Push::new().unwrap();
    full.dial(at.address()).unwrap();
    full.send_many((0..500).map(|_| "full")).unwrap();
    counts(&pull, |stats| stats.recv_queue == 100);
    let other = Push::new().unwrap();
    other.dial(at.address()).unwrap();
    other.send_many((0..50).map(|_| "other")).unwrap();
    counts(&pull, |stats| stats.recv_queue == 150);
    let received: Vec<_> = pull.iter().take(550).collect();
    assert_eq!(received.iter().filter(|message| **message == "other").count(), 50);
}

#[over(WIRES)]
fn a_worker_that_dies_while_its_push_is_held_up_lets_go(site: &Site) {
    let host = Host::new(site);
    let push = Push::builder().send_buffer(3).build().unwrap();
    push.dial(host.address()).unwrap();
    let deaf = host.greeted(PULL);
    push.peers(1);
    let sending = push.clone();
    let sending =
        thread::spawn(move || (0..60).for_each(|number| sending.send(body(number, 500_000)).unwrap()));
    hubless_kit::stays(|| !sending.is_finished());
    let heir = Pull::new().unwrap();
    push.dial(heir.listen(site.address()).unwrap().address()).unwrap();
    drop(deaf);
    let mut arrived = std::collections::HashSet::new();
    let mut quiet = 0;
    while quiet < 3 {
        match heir.recv_timeout(Duration::from_millis(500)) {
            Ok(message) => {
                let number = usize::from_be_bytes(message[..8].try_into().unwrap());
                assert!(message == body(number, 500_000));
                assert!(arrived.insert(number), "message {number} came twice");
                quiet = 0;
            }
            Err(_) => quiet += usize::from(sending.is_finished()),
        }
    }
    sending.join().unwrap();
    assert_eq!(push.stats().drops.total(), 0);
    // Only what the system had taken for the dead one is missing, and that came first.
    assert!(arrived.contains(&59) && (0..60).filter(|number| !arrived.contains(number)).max() < Some(40));
}
