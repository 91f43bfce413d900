//! Futures that are dropped, after any number of polls: nothing is lost, and nobody hangs.

mod common;

use std::thread;

use common::executors::{poll_times, runtime};
use common::{ALL, SOON, counts, eventually, link, over};
use hubless::{Pair, Pull, Push, Rep, Req};

/// Polls after which a future is dropped.
const POLLS: std::ops::Range<usize> = 0..4;

#[test]
fn a_dropped_receive_leaves_its_message_to_the_next() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
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
    });
}

#[test]
fn a_dropped_send_has_sent_the_whole_message_or_nothing() {
    over(ALL, |site| {
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
        push.send("end").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "end");
    });
}

#[test]
fn a_dropped_wait_for_an_answer_leaves_the_request_open() {
    over(ALL, |site| {
        let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
        link(site, &rep, &req);
        for polls in POLLS {
            let pending = req.send("ping").unwrap();
            assert!(poll_times(polls, pending.recv_async()).is_none());
            rep.recv().unwrap().reply("pong").unwrap();
            assert_eq!(smol::block_on(pending.recv_async()).unwrap(), "pong");
        }
    });
}

#[test]
fn a_dropped_request_is_cancelled() {
    over(ALL, |site| {
        let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
        link(site, &rep, &req);
        for polls in 1..POLLS.end {
            assert!(poll_times(polls, req.request_async("forgotten")).is_none());
            rep.recv().unwrap().reply("late").unwrap();
            counts(&req, |stats| stats.drops.stray == polls as u64);
        }
        assert!(poll_times(0, req.request_async("never asked")).is_none());
        assert!(matches!(rep.try_recv(), Err(hubless::Error::Empty)));
    });
}

#[test]
fn a_future_that_was_signalled_and_dropped_passes_that_on() {
    over(ALL, |site| {
        let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
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
    });
}

#[test]
fn what_loses_a_race_loses_no_message() {
    over(ALL, |site| {
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
    });
}

#[test]
fn tasks_that_are_aborted_leave_nobody_hanging() {
    over(ALL, |site| {
        let (left, right) = (Pair::new().unwrap(), Pair::new().unwrap());
        link(site, &left, &right);
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
    });
}
