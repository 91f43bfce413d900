//! The memory of a context has a bound, and reaching it stops nobody for good.

mod common;

use std::time::Duration;

use common::peer::{PUSH, Peer};
use common::{ALL, SOON, WIRES, body, counts, eventually, link, over};
use hubless::{Context, Pull, Push, Rep, Req};

const MEGABYTE: usize = 1 << 20;

#[test]
fn half_messages_that_use_up_the_memory_stop_nobody_else_and_end_with_their_peers() {
    over(WIRES, |site| {
        let context = Context::builder().memory(MEGABYTE / 4).build().unwrap();
        let pull = Pull::builder().context(&context).build().unwrap();
        let push = Push::new().unwrap();
        let (listener, _dialer) = link(site, &pull, &push);
        let mut hoarders: Vec<Peer> = (0..5).map(|_| Peer::greeted(listener.address(), PUSH)).collect();
        pull.wait_for_peers(6, SOON).unwrap();
        for hoarder in &mut hoarders {
            let announcement = hoarder.announcement(8 * MEGABYTE as u64);
            hoarder.write(&announcement);
            hoarder.write(&vec![7; 100_000]);
        }
        for number in 0..100 {
            push.send(body(number, 100)).unwrap();
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, 100));
        }
        drop(hoarders);
        counts(&pull, |stats| stats.pipes == 1);
        push.send(body(0, 2 * MEGABYTE)).unwrap();
        assert!(pull.recv_timeout(SOON).unwrap() == body(0, 2 * MEGABYTE));
    });
}

#[test]
fn a_full_memory_is_drained_by_a_receiver_in_the_same_context() {
    over(ALL, |site| {
        let context = Context::builder().memory(4 * MEGABYTE).build().unwrap();
        let pull = Pull::builder().context(&context).recv_buffer(1).build().unwrap();
        let push = Push::builder().context(&context).send_buffer_octets(64 * MEGABYTE).build().unwrap();
        link(site, &pull, &push);
        let mut sent = 0;
        while sent < 1000 && push.try_send(body(sent, MEGABYTE)).is_ok() {
            sent += 1;
        }
        assert!(sent < 100, "the memory has no bound");
        for number in 0..sent {
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, MEGABYTE), "message {number} of {sent}");
        }
        push.send_timeout("room again", SOON).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "room again");
    });
}

#[test]
fn a_sender_that_waits_for_memory_goes_on_when_another_socket_gives_some_back() {
    over(WIRES, |site| {
        let context = Context::builder().memory(MEGABYTE).build().unwrap();
        let (pull, push) = (Pull::builder().context(&context).build().unwrap(), Push::new().unwrap());
        link(site, &pull, &push);
        let other = Pull::builder().recv_buffer(1).build().unwrap();
        let waiting = Push::builder().context(&context).build().unwrap();
        link(site, &other, &waiting);
        for number in 0..20 {
            push.send(body(number, 100_000)).unwrap();
        }
        // Large enough that no buffer of the system takes it, so that one waits and the next finds no memory.
        eventually(|| waiting.try_send(body(0, 9 * MEGABYTE)).is_err());
        let sender = std::thread::spawn(move || waiting.send_timeout("at last", SOON));
        for number in 0..20 {
            assert!(pull.recv_timeout(SOON).unwrap() == body(number, 100_000));
        }
        while other.recv_timeout(SOON).unwrap() != "at last" {}
        sender.join().unwrap().unwrap();
    });
}

#[test]
fn requests_that_are_kept_to_be_sent_again_count_until_they_are_answered() {
    over(ALL, |site| {
        let context = Context::builder().memory(4 * MEGABYTE).build().unwrap();
        let rep = Rep::builder().context(&context).build().unwrap();
        let req = Req::builder().context(&context).build().unwrap();
        link(site, &rep, &req);
        let mut open = Vec::new();
        while open.len() < 1000
            && let Ok(pending) = req.send_timeout(body(open.len(), 100_000), Duration::from_millis(500))
        {
            open.push(pending);
            rep.recv_timeout(SOON).unwrap().reply("done").unwrap();
        }
        assert_eq!(open.len(), 1000, "an answered request counts no more");
        drop(open);

        let (mut open, mut unanswered) = (Vec::new(), Vec::new());
        while open.len() < 1000
            && let Ok(pending) = req.send_timeout(body(open.len(), 100_000), Duration::from_millis(500))
        {
            open.push(pending);
            unanswered.push(rep.recv_timeout(SOON).unwrap());
        }
        assert!(open.len() < 100, "{} requests are open", open.len());
        for request in unanswered {
            request.reply("late").unwrap();
        }
        for pending in open {
            assert_eq!(pending.recv_timeout(SOON).unwrap(), "late");
        }
        req.send_timeout("room again", SOON).map(drop).unwrap();
    });
}
