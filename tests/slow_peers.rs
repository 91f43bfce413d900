//! A peer is cut off for being slow only where others wait for what it holds.

use hubless::{Context, Pull, Push};
use hubless_kit::peer::{PUSH, Peer};
use hubless_kit::{SOON, Site, WIRES, body, eventually, link, over};

const MEGABYTE: usize = 1 << 20;

/// Peers that each send one message, so that what is left free of a socket's own 64 KiB is too little to read on.
fn fill_up(address: &str, pull: &Pull) -> Vec<Peer> {
    let mut free = 64 * 1024;
    let mut fillers = Vec::new();
    while free >= 2048 {
        let bytes = (free * 2 / 5).min(free - 1700);
        let filler = Peer::greeted(address, PUSH);
        filler.send(&vec![7; bytes]);
        fillers.push(filler);
        eventually(|| pull.stats().recv_queue == fillers.len());
        free -= bytes;
    }
    fillers
}

#[over(WIRES)]
fn an_idle_peer_holds_up_nobody_and_is_never_too_slow(site: &Site) {
    let context = Context::builder().max_memory(MEGABYTE).build().unwrap();
    let heap = Pull::builder().context(&context).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let push = Push::new().unwrap();
    link(site, &heap, &push);
    // All the memory, and more: this is beyond the limit.
    push.send(body(0, 4 * MEGABYTE)).unwrap();
    eventually(|| heap.stats().recv_queue == 1);
    let at = pull.listen(site.address()).unwrap();
    let fillers = fill_up(at.address(), &pull);
    let mut idle: Vec<Peer> = (0..5).map(|_| Peer::greeted(at.address(), PUSH)).collect();
    pull.wait_for_peers(fillers.len() + idle.len(), SOON).unwrap();
    let busy = Peer::greeted(at.address(), PUSH);
    busy.send(&[8; 3000]);
    // It comes beyond the limit, though the others were there first.
    eventually(|| pull.stats().recv_queue == fillers.len() + 1);
    for number in 0..fillers.len() {
        assert_eq!(pull.recv_timeout(SOON).unwrap()[0], 7, "message {number}");
    }
    assert_eq!(pull.recv_timeout(SOON).unwrap(), vec![8; 3000]);
    for peer in &mut idle {
        peer.send(&[9]);
        assert_eq!(pull.recv_timeout(SOON).unwrap(), [9]);
    }
    let stats = pull.stats();
    assert_eq!((stats.violations.too_slow, stats.pipes), (0, fillers.len() + 6), "{stats:?}");
}
