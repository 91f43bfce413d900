//! Memory and descriptors, of which peers take no more than is theirs.

use std::time::Duration;

use hubless::monitor::Limit;
use hubless::{EventKind, Pull, Push};
use hubless_kit::child::{in_own_process, tell};
use hubless_kit::peer::{PUSH, Peer, REQ};
use hubless_kit::{
    ALL, Child, Gauge, LIMIT, Peers, SOON, Site, WIRES, allow_descriptors, body, counts, cpu_time,
    descriptors, eventually, limit_descriptors, now, over, passes, pause,
};

use crate::served::Served;

#[over(WIRES, 2 * LIMIT)]
fn memory_grows_with_what_arrives_and_not_with_what_is_announced(site: &Site) {
    // It has a process of its own, because its memory is measured.
    in_own_process(&["announcements", site.transport]);
}

/// A thousand announce the longest message, and then begin it.
pub(crate) fn believe_no_announcement(transport: &str) {
    const PEERS: usize = 1000;
    const MANY: u64 = PEERS as u64;
    const FEW: &[u8] = b"a few bytes";
    /// In use for each of them: 1 MiB for a hundred.
    const MOST_KIB: u64 = 10;
    /// Set aside for each of which something has come; of that it uses the pages on which something stands.
    const AHEAD_KIB: u64 = 64;
    allow_descriptors();
    let site = Site::new(transport);
    let served = Served::new(&site);
    served.honest();
    let before = Gauge::own();
    let mut peers: Vec<Peer> = (0..PEERS).map(|_| Peer::greeted(served.at.address(), PUSH)).collect();
    served.pull.peers(PEERS + 1);
    for peer in &mut peers {
        peer.write(&peer.announcement(16 << 20));
    }
    // What the honest peer says is read behind what the others have said.
    (0..10).for_each(|_| served.honest());
    let announced = Gauge::own().since(&before);
    assert!(announced.resident_kib < MANY * MOST_KIB, "for {PEERS} who announced: {announced:?}");
    assert!(announced.data_kib < MANY * MOST_KIB, "for {PEERS} who announced: {announced:?}");
    for peer in &mut peers {
        peer.write(FEW);
    }
    (0..10).for_each(|_| served.honest());
    let begun = Gauge::own().since(&before);
    assert!(begun.resident_kib < MANY * MOST_KIB, "for {PEERS} who began: {begun:?}");
    assert!(begun.data_kib < MANY * (AHEAD_KIB + MOST_KIB), "for {PEERS} who began: {begun:?}");
    // One of them goes on.
    let rest = body(1, (16 << 20) - FEW.len());
    peers[100].write(&rest);
    let message = served.pull.recv_timeout(SOON).expect("a message");
    assert_eq!(message[..FEW.len()], *FEW);
    assert!(message[FEW.len()..] == rest);
}

/// Connections of all sorts come and go, and leave nothing behind.
pub(crate) fn churn(transport: &str, rounds: usize) {
    let site = Site::new(transport);
    let served = Served::new(&site);
    let round = |number: usize| {
        let push = Push::new().expect("a socket");
        push.dial(served.at.address()).expect("an address");
        push.send(number.to_string()).expect("room");
        assert_eq!(served.pull.recv_timeout(SOON).expect("a message"), number.to_string());
        push.close(SOON).expect("an end");
        if site.has_wire() {
            drop(Peer::connect(served.at.address()));
            let rude = Peer::connect(served.at.address());
            rude.write(b"?");
            rude.wait_for_end();
            drop(Peer::greeted(served.at.address(), PUSH));
            Peer::greeted(served.at.address(), REQ).wait_for_end();
        }
    };
    (0..10).for_each(round);
    let settled = || eventually(|| served.pull.stats().pipes == 1);
    settled();
    let mut before = descriptors();
    eventually(|| {
        let now = descriptors();
        std::mem::replace(&mut before, now) == now
    });
    (0..rounds).for_each(round);
    settled();
    eventually(|| descriptors() <= before);
    served.honest();
}

#[over(ALL, 2 * LIMIT)]
fn connections_that_come_and_go_leave_no_descriptor_behind(site: &Site) {
    in_own_process(&["churn", site.transport, "100"]);
}

#[over(ALL, Duration::from_secs(1800))]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn very_many_connections_that_come_and_go_leave_no_descriptor_behind(site: &Site) {
    in_own_process(&["churn", site.transport, "20000"]);
}

/// A process that may have few descriptors meets more peers than that.
pub(crate) fn run_out_of_descriptors(transport: &str) {
    let site = Site::new(transport);
    let served = Served::new(&site);
    let many = descriptors() as u64 + 40;
    let old = limit_descriptors(many);
    // Both ends of each connection are ours: the system refuses before long.
    let crowd: Vec<Peer> = std::iter::from_fn(|| Peer::try_connect(served.at.address()).ok()).collect();
    served.honest();
    let quiet = || {
        let (begin, before) = (now(), cpu_time());
        pause(Duration::from_secs(1));
        cpu_time().saturating_sub(before) * 20 <= begin.elapsed()
    };
    // One look in three: the first may see the end of what was done before.
    assert!((0..3).any(|_| quiet()), "waiting for descriptors takes more than a twentieth of a processor");
    served.honest();
    limit_descriptors(old);
    drop(crowd);
    let late = Push::new().expect("a socket");
    late.dial(served.at.address()).expect("an address");
    passes(&late, &served.pull, "in the end");
}

#[over(WIRES)]
fn a_process_without_descriptors_keeps_its_peers_and_recovers(site: &Site) {
    in_own_process(&["descriptors", site.transport]);
}

/// What the connections of a process with few descriptors may use, four in five, and how many more come.
const SHARE: usize = 80;
const BEYOND: usize = 5;

/// A process that may have few descriptors lets its connections use four in five of them.
pub(crate) fn take_its_share_of_descriptors(transport: &str) {
    const DESCRIPTORS: u64 = 100;
    let site = Site::new(transport);
    limit_descriptors(DESCRIPTORS);
    let pull = Pull::new().expect("a socket");
    let monitor = pull.monitor();
    let at = pull.listen(site.address()).expect("an address");
    tell(at.address());
    pull.peers(SHARE);
    tell("full");
    counts(&pull, |stats| stats.refused.too_many == BEYOND as u64 && stats.pipes == SHARE);
    let told = std::iter::from_fn(|| monitor.recv_timeout(SOON).ok()).find_map(|event| {
        if let EventKind::ConnectionRefused { limit, .. } = event.kind { Some(limit) } else { None }
    });
    assert_eq!(told, Some(Limit::Descriptors { connections: SHARE, percent: 80 }));
    // Those that are in stay, and one that leaves makes room.
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "still here");
    tell("heard");
    counts(&pull, |stats| stats.pipes == SHARE - 1);
    tell("left");
    pull.peers(SHARE);
}

#[over(WIRES)]
fn connections_use_no_more_than_their_share_of_descriptors(site: &Site) {
    let mut child = Child::start(&["share", site.transport]);
    let address = child.hear();
    let mut within: Vec<Peer> = (0..SHARE).map(|_| Peer::greeted(&address, PUSH)).collect();
    assert_eq!(child.hear(), "full");
    for _ in 0..BEYOND {
        Peer::connect(&address).wait_for_end();
    }
    within[0].send(b"still here");
    assert_eq!(child.hear(), "heard");
    within.pop();
    assert_eq!(child.hear(), "left");
    within.push(Peer::greeted(&address, PUSH));
    assert_eq!(child.hear(), "done");
    assert!(child.wait().success());
}
