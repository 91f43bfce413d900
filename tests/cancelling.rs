//! Futures that are dropped, after any number of polls: nothing is lost, and nobody hangs.

use std::thread;

use hubless::{Pair, Pull, Push, Rep, Req};
use hubless_kit::executors::{poll_times, runtime};
use hubless_kit::{ALL, SOON, Site, counts, eventually, link, linked, over, passes};

/// Polls after which a future is dropped.
const POLLS: std::ops::Range<usize> = 0..4;

#[over(ALL)]
fn a_dropped_receive_leaves_its_message_to_the_next(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    let mut next = 0;
    for round in 0..100 {
        push.send(round.to_string()).unwrap();
        for polls in POLLS {
            if let Some(received) = poll_times(polls, pull.recv_async()) {
                assert_eq!(received.unwrap(), next.to_string());
                next += 1;
            }
        }
    }
    for expected in next..100 {
        assert_eq!(pull.recv_timeout(SOON).unwrap(), expected.to_string());
    }
}

#[over(ALL)]
fn a_dropped_send_has_sent_the_whole_message_or_nothing(site: &Site) {
    let pull = Pull::builder().recv_buffer(1).build().unwrap();
    let push = Push::builder().send_buffer(2).build().unwrap();
    link(site, &pull, &push);
    let (mut sent, mut refused) = (Vec::new(), 0);
    for number in 0..5000_usize {
        let message = format!("{number}{}", ".".repeat(20_000));
        match poll_times(number % POLLS.end, push.send_async(message)) {
            Some(outcome) => {
                outcome.unwrap();
                sent.push(number);
            }
            None => refused += usize::from(number % POLLS.end > 0),
        }
        if refused > 10 {
            break;
        }
    }
    assert!(refused > 10, "there was always room");
    for number in sent {
        let message = pull.recv_timeout(SOON).unwrap();
        assert_eq!(message.len(), 20_000 + number.to_string().len());
        assert!(message.as_str().unwrap().starts_with(&format!("{number}.")));
    }
    passes(&push, &pull, "end");
}

#[over(ALL)]
fn a_dropped_wait_for_an_answer_leaves_the_request_open(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    for polls in POLLS {
        let pending = req.send("ping").unwrap();
        assert!(poll_times(polls, pending.recv_async()).is_none());
        rep.recv().unwrap().reply("pong").unwrap();
        assert_eq!(smol::block_on(pending.recv_async()).unwrap(), "pong");
    }
}

#[over(ALL)]
fn a_dropped_request_is_cancelled(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    for polls in 1..POLLS.end {
        assert!(poll_times(polls, req.request_async("forgotten")).is_none());
        rep.recv().unwrap().reply("late").unwrap();
        counts(&req, |stats| stats.drops.stray == polls as u64);
    }
    assert!(poll_times(0, req.request_async("never asked")).is_none());
    assert!(matches!(rep.try_recv(), Err(hubless::Error::Empty)));
}

#[over(ALL)]
fn a_future_that_was_signalled_and_dropped_passes_that_on(site: &Site) {
    let (pull, push) = linked::<Pull, Push>(site);
    for _ in 0..50 {
        let mut first = Box::pin(pull.recv_async());
        assert!(poll_times(1, first.as_mut()).is_none());
        let other = pull.clone();
        let second = thread::spawn(move || smol::block_on(other.recv_async()).unwrap());
        push.send("message").unwrap();
        eventually(|| pull.stats().recv_queue == 1 || second.is_finished());
        drop(first);
        assert_eq!(second.join().unwrap(), "message");
    }
}

#[over(ALL)]
fn what_loses_a_race_loses_no_message(site: &Site) {
    let (left, right) = (Pull::new().unwrap(), Pull::new().unwrap());
    let (to_left, to_right) = (Push::new().unwrap(), Push::new().unwrap());
    link(site, &left, &to_left);
    link(site, &right, &to_right);
    let sending = thread::spawn(move || {
        for number in 0..1000 {
            to_left.send(number.to_string()).unwrap();
            to_right.send(number.to_string()).unwrap();
        }
        (to_left, to_right)
    });
    let (lefts, rights) = runtime().block_on(async {
        let mut got = (Vec::new(), Vec::new());
        while got.0.len() + got.1.len() < 2000 {
            tokio::select! {
                message = left.recv_async() => got.0.push(message.unwrap()),
                message = right.recv_async() => got.1.push(message.unwrap()),
            }
        }
        got
    });
    let all: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    assert_eq!(lefts, all);
    assert_eq!(rights, all);
    drop(sending.join());
}

#[over(ALL)]
fn tasks_that_are_aborted_leave_nobody_hanging(site: &Site) {
    let (left, right) = linked::<Pair, Pair>(site);
    let runtime = runtime();
    for number in 0..200 {
        let receiver = right.clone();
        let doomed = runtime.spawn(async move { receiver.recv_async().await.map(|_| ()) });
        let other = right.clone();
        let patient = runtime.spawn(async move { other.recv_async().await.map(|_| ()) });
        left.send(number.to_string()).unwrap();
        doomed.abort();
        // If the doomed one was quicker, the patient one gets the next.
        if runtime.block_on(doomed).is_ok() {
            left.send("another").unwrap();
        }
        runtime.block_on(patient).unwrap().unwrap();
    }
}
