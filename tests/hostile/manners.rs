//! Peers that flood, never read, reset, or say a message without an end.

use std::time::Duration;

use hubless::monitor::Removal;
use hubless::{EventKind, Pub, Rep, Req, Sub};
use hubless_kit::peer::{PUSH, Peer, REQ, SUB};
use hubless_kit::{
    LIMIT, Peers, SOON, Site, WIRES, body, counts, eventually, header, holds_within, now, over,
};

use crate::headers::ID;
use crate::served::Served;

#[over(WIRES)]
fn a_flood_of_requests_is_no_longer_read(site: &Site) {
    let rep = Rep::builder().recv_buffer(10).build().unwrap();
    let at = rep.listen(site.address()).unwrap();
    let flood = Peer::greeted(at.address(), REQ);
    let request = [header(&[ID]), vec![0; 60_000]].concat();
    let taken = flood.flood(&request, Duration::from_millis(500));
    assert!(taken < 64 << 20, "{taken} bytes were taken");
    assert_eq!(rep.stats().recv_queue, 10);
    let honest = Req::new().unwrap();
    honest.dial(at.address()).unwrap();
    let pending = honest.send("honest").unwrap();
    counts(&rep, |stats| stats.recv_queue == 11);
    loop {
        let request = rep.recv_timeout(SOON).unwrap();
        if request == "honest" {
            request.reply("served").unwrap();
            break;
        }
    }
    assert_eq!(pending.recv().unwrap(), "served");
}

#[over(WIRES)]
fn a_subscriber_that_never_reads_loses_messages_and_the_others_do_not(site: &Site) {
    let publisher = Pub::builder().send_buffer(100).build().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let _deaf = Peer::greeted(at.address(), SUB);
    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    sub.dial(at.address()).unwrap();
    publisher.peers(2);
    for number in 0..300 {
        publisher.send(body(number, 100_000)).unwrap();
        assert!(sub.recv_timeout(SOON).unwrap() == body(number, 100_000));
    }
    let stats = publisher.stats();
    assert!(stats.drops.peer_full > 0);
    assert_eq!(stats.sent + stats.drops.peer_full, 600);
    assert!(stats.send_queue <= 100);
}

#[over(WIRES)]
fn a_peer_that_resets_while_it_is_sent_to_is_one_pipe_less(site: &Site) {
    let publisher = Pub::new().unwrap();
    let at = publisher.listen(site.address()).unwrap();
    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    sub.dial(at.address()).unwrap();
    publisher.peers(1);
    for number in 0..20 {
        let peer = Peer::greeted(at.address(), SUB);
        publisher.peers(2);
        // With what is unread the system resets the connection.
        publisher.send(body(number, 50_000)).unwrap();
        drop(peer);
        publisher.send("behind it").unwrap();
        assert!(sub.recv_timeout(SOON).unwrap() == body(number, 50_000));
        assert_eq!(sub.recv_timeout(SOON).unwrap(), "behind it");
        eventually(|| publisher.stats().pipes == 1);
    }
    assert_eq!(publisher.stats().disconnected, 20);
}

#[over(WIRES)]
fn a_message_that_dribbles_holds_up_nobody(site: &Site) {
    let served = Served::new(site);
    let slow = Peer::greeted(served.at.address(), PUSH);
    let frame = slow.frame(&body(7, 100_000));
    let (most, last) = frame.split_at(frame.len() - 1);
    for piece in most.chunks(5000) {
        slow.write(piece);
        served.honest();
    }
    slow.write(last);
    assert!(served.pull.recv_timeout(SOON).unwrap() == body(7, 100_000));
}

#[over(WIRES, 2 * LIMIT)]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn a_message_that_does_not_go_on_ends_its_pipe_and_an_idle_one_stays(site: &Site) {
    does_not_go_on(site, b"a few bytes");
}

#[over(WIRES, 2 * LIMIT)]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn a_message_of_which_nothing_comes_ends_its_pipe(site: &Site) {
    does_not_go_on(site, b"");
}

fn does_not_go_on(site: &Site, beginning: &[u8]) {
    let served = Served::new(site);
    let _idle = Peer::greeted(served.at.address(), PUSH);
    let [mut stuck, mut dripping] = std::array::from_fn(|_| Peer::greeted(served.at.address(), PUSH));
    served.pull.peers(4);
    let monitor = served.pull.monitor();
    for peer in [&mut stuck, &mut dripping] {
        peer.write(&[peer.announcement(1 << 20).as_slice(), beginning].concat());
    }
    let begin = now();
    let mut dripped = 0;
    // They have half a minute.
    let both = holds_within(2 * SOON, || {
        if begin.elapsed() >= Duration::from_secs(dripped) {
            let _ = dripping.try_write(b".");
            dripped += 1;
        }
        let ended = served.pull.stats().violations.too_slow;
        assert!(ended == 0 || begin.elapsed() > Duration::from_secs(25), "it had too little time");
        ended == 2
    });
    assert!(both, "{:?}", served.pull.stats());
    assert!(dripped > 20, "{dripped} bytes, one a second");
    for peer in [&mut stuck, &mut dripping] {
        peer.wait_for_end();
        let event = monitor.recv_timeout(SOON).expect("an event");
        assert!(matches!(event.kind, EventKind::Removed { removal: Removal::TooSlow, .. }), "{event}");
    }
    assert_eq!(served.pull.stats().pipes, 2);
    served.honest();
}
