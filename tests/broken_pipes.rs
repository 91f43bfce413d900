//! A pipe that can no longer do its work ends, though its peer never says so.

use hubless::{Pair, Pull, Push};
use hubless_kit::peer::{Host, PULL};
use hubless_kit::{SOON, Site, WIRES, body, counts, link, over, passes};

#[over(["ipc"])]
fn a_peer_that_ends_its_reading_side_loses_its_part_of_the_work(site: &Site) {
    let host = Host::new(site);
    let push = Push::new().unwrap();
    push.dial(host.address()).unwrap();
    let deaf = host.greeted(PULL);
    push.wait_for_peers(1, SOON).unwrap();
    deaf.end_reading();
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    push.dial(at.address()).unwrap();
    push.wait_for_peers(2, SOON).unwrap();
    for number in 0..10 {
        push.send(body(number, 100)).unwrap();
    }
    let mut taken: Vec<_> = (0..10).map(|_| pull.recv_timeout(SOON).unwrap().into_vec()).collect();
    taken.sort();
    let mut all: Vec<_> = (0..10).map(|number| body(number, 100)).collect();
    all.sort();
    assert!(taken == all);
}

#[over(WIRES)]
fn a_pair_with_a_full_inbox_finds_that_its_peer_has_left_and_takes_another(site: &Site) {
    let left = Pair::builder().recv_buffer(5).build().unwrap();
    let right = Pair::new().unwrap();
    let (listener, _dialer) = link(site, &left, &right);
    for number in 0..100 {
        right.send(body(number, 100)).unwrap();
    }
    right.close(std::time::Duration::ZERO).unwrap();
    let next = Pair::new().unwrap();
    next.dial(listener.address()).unwrap();
    counts(&left, |stats| stats.disconnected >= 1 && stats.pipes == 1);
    passes(&left, &next, "hello");
}
