//! Messages without a single byte, in masses: what costs a peer next to nothing must cost us little.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use hubless::{Pub, Pull, Push, Sub};
use hubless_kit::child::{Child, perform};
use hubless_kit::peer::{PUB, PUSH, Peer};
use hubless_kit::{SOON, Site, WIRES, counts, over, passes};

/// So many empty messages in a row on the wire.
fn empty(peer: &Peer, count: usize) -> Vec<u8> {
    peer.frame(b"").repeat(count)
}

#[over(WIRES)]
fn a_flood_of_empty_messages_leaves_the_others_their_turn(site: &Site) {
    let (pull, honest) = (Pull::new().unwrap(), Push::new().unwrap());
    let at = pull.listen(site.address()).unwrap();
    honest.dial(at.address()).unwrap();
    let flood = Peer::greeted(at.address(), PUSH);
    pull.wait_for_peers(2, SOON).unwrap();

    let enough = Arc::new(AtomicBool::new(false));
    let flooding = {
        let (enough, frames) = (Arc::clone(&enough), empty(&flood, 10_000));
        thread::spawn(move || while !enough.load(Ordering::Relaxed) && flood.try_write(&frames).is_ok() {})
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
}

/// What nobody has subscribed to waits in no queue, so nothing but the end of its turn stops the reading of it.
#[over(WIRES)]
fn a_flood_of_empty_messages_that_nobody_wants_leaves_the_others_their_turn(site: &Site) {
    let (sub, honest) = (Sub::new().unwrap(), Pub::new().unwrap());
    sub.subscribe("honest").unwrap();
    let at = sub.listen(site.address()).unwrap();
    honest.dial(at.address()).unwrap();
    let flood = Peer::greeted(at.address(), PUB);
    sub.wait_for_peers(2, SOON).unwrap();

    let enough = Arc::new(AtomicBool::new(false));
    let flooding = {
        let (enough, frames) = (Arc::clone(&enough), empty(&flood, 100_000));
        thread::spawn(move || while !enough.load(Ordering::Relaxed) && flood.try_write(&frames).is_ok() {})
    };
    counts(&sub, |stats| stats.drops.filtered > 1000);
    for _ in 0..100 {
        passes(&honest, &sub, "honest");
    }
    enough.store(true, Ordering::Relaxed);
    drop((sub, at));
    flooding.join().unwrap();
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| take_very_many(&Site::new(words[0])));
}

fn take_very_many(site: &Site) {
    const COUNT: usize = 1_000_000;
    let pull = Pull::builder().recv_timeout(SOON).build().expect("a socket");
    let at = pull.listen(site.address()).expect("an address");
    let peer = Peer::greeted(at.address(), PUSH);
    let receive = move || {
        let mut received = 0;
        while received < COUNT {
            received += pull.recv_many(1000).expect("messages").len();
        }
    };
    let receiving = thread::spawn(receive);
    let frames = empty(&peer, COUNT);
    peer.write(&frames);
    receiving.join().expect("they come");
}

#[over(WIRES)]
fn very_many_empty_messages_need_no_deep_stack(site: &Site) {
    // Of each thread that is started, the background one among them: far less than one byte for each message.
    const STACK: (&str, &str) = ("RUST_MIN_STACK", "65536");
    let mut child = Child::start_with(&[site.transport], &[STACK]);
    assert_eq!(child.hear(), "done");
    assert!(child.wait().success());
}
