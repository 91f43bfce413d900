//! Messages without a single octet, in masses: what costs a peer next to nothing must cost us little.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::peer::{PUB, PUSH, Peer};
use common::{SOON, WIRES, counts, over};
use hubless::{Pub, Pull, Push, Sub};

/// So many empty messages in a row on the wire.
fn empty(peer: &Peer, count: usize) -> Vec<u8> {
    peer.frame(b"").repeat(count)
}

#[test]
fn a_flood_of_empty_messages_leaves_the_others_their_turn() {
    over(WIRES, |site| {
        let (pull, honest) = (Pull::new().unwrap(), Push::new().unwrap());
        let at = pull.listen(site.address()).unwrap();
        honest.dial(at.address()).unwrap();
        let mut flood = Peer::greeted(at.address(), PUSH);
        pull.wait_for_peers(2, SOON).unwrap();

        let enough = Arc::new(AtomicBool::new(false));
        let flooding = {
            let (enough, frames) = (Arc::clone(&enough), empty(&flood, 10_000));
            thread::spawn(
                move || while !enough.load(Ordering::Relaxed) && flood.try_write(&frames).is_ok() {},
            )
        };
        for number in 0..100 {
            honest.send(number.to_string()).unwrap();
            let mut message = pull.recv_timeout(SOON).unwrap();
            while message.is_empty() {
                message = pull.recv_timeout(SOON).unwrap();
            }
            assert_eq!(message, number.to_string());
        }
        enough.store(true, Ordering::Relaxed);
        // It may wait for room, which it finds when its connection ends.
        drop((pull, at));
        flooding.join().unwrap();
    });
}

/// What nobody has subscribed to waits in no queue, so nothing but the end of its turn stops the reading of it.
#[test]
fn a_flood_of_empty_messages_that_nobody_wants_leaves_the_others_their_turn() {
    over(WIRES, |site| {
        let (sub, honest) = (Sub::new().unwrap(), Pub::new().unwrap());
        sub.subscribe("honest").unwrap();
        let at = sub.listen(site.address()).unwrap();
        honest.dial(at.address()).unwrap();
        let mut flood = Peer::greeted(at.address(), PUB);
        sub.wait_for_peers(2, SOON).unwrap();

        let enough = Arc::new(AtomicBool::new(false));
        let flooding = {
            let (enough, frames) = (Arc::clone(&enough), empty(&flood, 100_000));
            thread::spawn(
                move || while !enough.load(Ordering::Relaxed) && flood.try_write(&frames).is_ok() {},
            )
        };
        counts(&sub, |stats| stats.drops.filtered > 1000);
        for _ in 0..100 {
            honest.send("honest").unwrap();
            assert_eq!(sub.recv_timeout(SOON).unwrap(), "honest");
        }
        enough.store(true, Ordering::Relaxed);
        drop((sub, at));
        flooding.join().unwrap();
    });
}

#[test]
fn very_many_empty_messages_need_no_deep_stack() {
    const COUNT: usize = 200_000;
    /// Less than one octet for each of them.
    const STACK: usize = 128 * 1024;
    over(WIRES, |site| {
        let pull = Pull::builder().recv_timeout(SOON).build().unwrap();
        let at = pull.listen(site.address()).unwrap();
        let mut peer = Peer::greeted(at.address(), PUSH);
        let receive = move || {
            let mut received = 0;
            while received < COUNT {
                received += pull.recv_many(1000).unwrap().len();
            }
        };
        let receiving = thread::Builder::new().stack_size(STACK).spawn(receive).unwrap();
        let frames = empty(&peer, COUNT);
        peer.write(&frames);
        receiving.join().unwrap();
    });
}
