//! PAIR: two ends that talk freely, one peer at a time.

use std::thread;
use std::time::Duration;

use hubless::{Builder, Error, Pair};
use hubless_kit::peer::{Host, PAIR0, PAIR1};
use hubless_kit::{ALL, Peers, SOON, Site, WIRES, body, counts, eventually, link, over, passes, stays};

fn versions() -> [fn() -> Builder<Pair>; 2] {
    [Pair::builder, || Pair::builder().version_1()]
}

#[over(ALL)]
fn both_ends_send_and_receive_whatever_the_size(site: &Site) {
    for builder in versions() {
        let (left, right) = (builder().build().unwrap(), builder().build().unwrap());
        link(site, &left, &right);
        for length in [0, 1, 4, 64, 65, 5000, 100_000, 3 << 20] {
            left.send(body(1, length)).unwrap();
            right.send(body(2, length)).unwrap();
            assert!(right.recv_timeout(SOON).unwrap() == body(1, length));
            assert!(left.recv_timeout(SOON).unwrap() == body(2, length));
        }
        left.send_many((0..1000).map(|number| body(number, 10))).unwrap();
        for number in 0..1000 {
            assert_eq!(right.recv_timeout(SOON).unwrap(), body(number, 10));
        }
    }
}

#[over(ALL)]
fn a_second_peer_is_refused_and_welcome_when_the_first_has_left(site: &Site) {
    for builder in versions() {
        let eager =
            || builder().reconnect(Duration::from_millis(5)..=Duration::from_millis(20)).build().unwrap();
        let (left, first, second) = (builder().build().unwrap(), eager(), eager());
        let (at, _) = link(site, &left, &first);
        let dialer = second.dial(at.address()).unwrap();
        counts(&left, |stats| stats.refused.already_paired >= 1);
        passes(&left, &first, "to the first");
        assert_eq!((left.stats().pipes, left.stats().connected), (1, 1));
        first.close(SOON).unwrap();
        second.send_timeout("from the second", SOON).unwrap();
        assert_eq!(left.recv_timeout(SOON).unwrap(), "from the second");
        passes(&left, &second, "and back");
        eventually(|| dialer.status().connected >= 1);
    }
}

#[over(ALL)]
fn sending_waits_for_the_peer(site: &Site) {
    let (left, right) = (Pair::new().unwrap(), Pair::new().unwrap());
    assert!(matches!(left.try_send("m").unwrap_err().error, Error::Full));
    let sending = left.clone();
    let sending = thread::spawn(move || sending.send("worth waiting").unwrap());
    stays(|| !sending.is_finished());
    link(site, &left, &right);
    sending.join().unwrap();
    assert_eq!(right.recv_timeout(SOON).unwrap(), "worth waiting");
}

#[over(WIRES)]
fn what_a_peer_had_not_been_sent_when_it_left_is_counted_or_goes_to_the_next(site: &Site) {
    let host = Host::new(site);
    let pair = Pair::new().unwrap();
    pair.dial(host.address()).unwrap();
    let dying = host.greeted(PAIR0);
    pair.peers(1);
    for number in 0..150 {
        pair.send(body(number, 50_000)).unwrap();
    }
    counts(&pair, |stats| stats.send_queue > 0);
    drop(dying);
    let left = |stats: &hubless::Stats| stats.disconnected == 1 && stats.send_queue == 0;
    counts(&pair, |stats| left(stats) && stats.drops.pipe_lost > 0);
}

#[over(WIRES)]
fn version_1_counts_the_hops_and_version_0_has_no_header(site: &Site) {
    let host = Host::new(site);
    let old = Pair::new().unwrap();
    old.dial(host.address()).unwrap();
    let peer = host.greeted(PAIR0);
    old.send("hi").unwrap();
    assert_eq!(peer.recv(), b"hi");
    let host = Host::new(site);
    let new = Pair::builder().version_1().max_hops(3).build().unwrap();
    new.dial(host.address()).unwrap();
    let peer = host.greeted(PAIR1);
    new.send("hi").unwrap();
    assert_eq!(peer.recv(), b"\0\0\0\x01hi");
    peer.send(b"\0\0\0\x04too far");
    peer.send(b"\0\0\0\x03near");
    assert_eq!(new.recv_timeout(SOON).unwrap(), "near");
    assert_eq!(new.stats().drops.too_many_hops, 1);
}
