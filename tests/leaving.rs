//! What a peer leaves behind is freed when it goes, though nobody calls the socket.

use hubless::{Bus, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::peer::{BUS, PAIR0, PUB, PULL, PUSH, Peer, REP, REQ, RESPONDENT, SUB, SURVEYOR};
use hubless_kit::{Site, Socket, WIRES, body, counts, over, passes};

/// Peers come and end their side; ours is closed without a call to the socket.
fn lets_go<S: Socket>(site: &Site, socket: &S, partner: u16) {
    let at = socket.listen(site.address()).expect("an address");
    for _ in 0..20 {
        let peer = Peer::greeted(at.address(), partner);
        peer.end_writing();
        peer.wait_for_end();
    }
    counts(socket, |stats| stats.pipes == 0 && stats.connected == stats.disconnected);
}

#[over(WIRES)]
fn a_peer_that_leaves_is_let_go_of_though_nobody_calls_the_socket(site: &Site) {
    lets_go(site, &Pub::new().unwrap(), SUB);
    lets_go(site, &Sub::new().unwrap(), PUB);
    lets_go(site, &Push::new().unwrap(), PULL);
    lets_go(site, &Pull::new().unwrap(), PUSH);
    lets_go(site, &Req::new().unwrap(), REP);
    lets_go(site, &Rep::new().unwrap(), REQ);
    lets_go(site, &Surveyor::new().unwrap(), RESPONDENT);
    lets_go(site, &Respondent::new().unwrap(), SURVEYOR);
    lets_go(site, &Pair::new().unwrap(), PAIR0);
    lets_go(site, &Bus::new().unwrap(), BUS);
}

/// Bytes of a message that its peer does not finish.
const HALF: usize = 1 << 20;
const PEERS: usize = 300;

#[over(WIRES)]
fn what_peers_left_unfinished_is_freed_with_them(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let before = data_bytes();
    for _ in 0..PEERS {
        let peer = Peer::greeted(at.address(), PUSH);
        let frame = peer.frame(&body(0, 2 * HALF));
        peer.write(&frame[..HALF]);
    }
    counts(&pull, |stats| stats.pipes == 0 && stats.disconnected == PEERS as u64);
    let grown = data_bytes().saturating_sub(before);
    assert!(grown < PEERS * HALF / 3, "{grown} bytes are left behind");
    let push = Push::new().unwrap();
    push.dial(at.address()).unwrap();
    passes(&push, &pull, "honest");
}

/// Memory for data that this process has asked for.
fn data_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:")).expect("a line");
    let kib: usize = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib * 1024
}
