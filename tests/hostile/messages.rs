//! Messages that are too large, cut short, empty or slow.

use hubless::{Bus, Pair, Pull, Sub};
use hubless_kit::peer::{BUS, PAIR0, PUB, PUSH, Peer};
use hubless_kit::{Peers, SOON, Site, WIRES, body, counts, eventually, over};

use crate::served::Served;

#[over(WIRES)]
fn an_announcement_over_the_limit_ends_the_pipe_before_anything_is_read(site: &Site) {
    const LIMIT_OF_MESSAGE: u64 = 16 << 20;
    let served = Served::new(site);
    let lengths = [LIMIT_OF_MESSAGE + 1, 1 << 32, 1 << 60, i64::MAX as u64, 1 << 63, u64::MAX - 7, u64::MAX];
    for (nth, length) in (1..).zip(lengths) {
        let peer = Peer::greeted(served.at.address(), PUSH);
        served.pull.peers(2);
        peer.write(&peer.announcement(length));
        peer.wait_for_end();
        counts(&served.pull, |stats| stats.violations.message_too_large == nth);
        served.honest();
    }
    assert_eq!(served.pull.stats().received, lengths.len() as u64);
}

#[over(WIRES)]
fn an_announcement_takes_no_memory_though_there_is_no_limit(site: &Site) {
    let served = Served::with(site, Pull::builder().max_message(u64::MAX));
    let mut peers = Vec::new();
    for length in [1 << 40, i64::MAX as u64, 1 << 63, u64::MAX] {
        let peer = Peer::greeted(served.at.address(), PUSH);
        let announcement = peer.announcement(length);
        // What cannot be held anyway may be refused.
        let _ = peer.try_write(&[announcement.as_slice(), b"and then nothing"].concat());
        peers.push(peer);
    }
    served.honest();
}

#[over(WIRES)]
fn a_truncated_message_is_never_delivered(site: &Site) {
    let served = Served::new(site);
    for cut in [0, 1, 8, 9, 10, 99, 50_000, 199_999] {
        let peer = Peer::greeted(served.at.address(), PUSH);
        served.pull.peers(2);
        let frame = peer.frame(&body(0, 200_000));
        peer.write(&frame[..cut]);
        drop(peer);
        eventually(|| served.pull.stats().pipes == 1);
        served.honest();
    }
    assert_eq!(served.pull.stats().received, 8);
}

#[over(WIRES)]
fn an_empty_message_is_delivered_where_there_is_no_header(site: &Site) {
    let served = Served::new(site);
    let push = Peer::greeted(served.at.address(), PUSH);
    push.send(b"");
    assert_eq!(served.pull.recv_timeout(SOON).unwrap(), "");

    let sub = Sub::new().unwrap();
    sub.subscribe("").unwrap();
    let at = sub.listen(site.address()).unwrap();
    Peer::greeted(at.address(), PUB).send(b"");
    assert_eq!(sub.recv_timeout(SOON).unwrap(), "");

    let pair = Pair::new().unwrap();
    let at = pair.listen(site.address()).unwrap();
    Peer::greeted(at.address(), PAIR0).send(b"");
    assert_eq!(pair.recv_timeout(SOON).unwrap(), "");

    let bus = Bus::new().unwrap();
    let at = bus.listen(site.address()).unwrap();
    Peer::greeted(at.address(), BUS).send(b"");
    assert_eq!(bus.recv_timeout(SOON).unwrap(), "");
    served.honest();
}
