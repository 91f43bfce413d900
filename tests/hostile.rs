//! Peers that break the rules (sp.md section 12): each gets what it deserves and is counted by name, and an honest peer of
//! the same socket does not notice.

mod common;

use std::thread;
use std::time::Duration;

use common::child::{Child, task, tell};
use common::peer::{
    BUS, Host, PAIR0, PAIR1, PUB, PULL, PUSH, Peer, REP, REQ, RESPONDENT, SUB, SURVEYOR, greeting,
};
use common::{
    ALL, LIMIT, Peers, SOON, Site, Socket, WIRES, body, counts, eventually, link, over, over_within, within,
};
use hubless::monitor::{Limit, Removal};
use hubless::{
    Builder, Bus, Event, Listener, Pair, Pub, Pull, Push, Rep, Req, Respondent, Stats, Sub, Survey,
    SurveyEnd, Surveyor,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A PULL with an honest PUSH, at an address where others come as well.
struct Served {
    pull: Pull,
    push: Push,
    at: Listener,
}

impl Served {
    fn new(site: &Site) -> Self {
        Self::with(site, Pull::builder())
    }

    fn with(site: &Site, options: Builder<Pull>) -> Self {
        let (pull, push) = (options.build().expect("a socket"), Push::new().expect("a socket"));
        let (at, _) = link(site, &pull, &push);
        Self { pull, push, at }
    }

    /// The honest peer is still served, over the connection it always had.
    #[track_caller]
    fn honest(&self) {
        self.push.send("honest").expect("room");
        assert_eq!(self.pull.recv_timeout(SOON).expect("a message"), "honest");
        assert_eq!(self.push.stats().connected, 1);
    }

    /// The dishonest one is shut out, and this counts it.
    #[track_caller]
    fn refuses(&self, mut peer: Peer, counted: impl Fn(&Stats) -> bool) {
        peer.wait_for_end();
        counts(&self.pull, counted);
        assert_eq!(self.pull.stats().connected, 1);
        self.honest();
    }
}

/// A pause between octets, where waiting is what is tested.
fn pause(time: Duration) {
    let end = common::now() + time;
    while common::now() < end {
        thread::park_timeout(time);
    }
}

#[test]
fn the_first_wrong_octet_ends_the_handshake() {
    over(WIRES, |site| {
        let served = Served::new(site);
        let wrong: [&[u8]; 8] = [
            b"G",
            b"GET / HTTP/1.1\r\n\r\n",
            &[0xff],
            &[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f],
            &[0x16, 0x03, 0x01],
            &[0, b'X'],
            &[0, b'S', b'Q'],
            &[1, b'S', b'P', 0, 0, 0x50, 0, 0],
        ];
        for (before, octets) in (1..).zip(wrong) {
            let mut peer = Peer::connect(served.at.address());
            // Our own greeting comes even to those who will be refused.
            assert_eq!(peer.read_greeting(), PULL);
            peer.write(octets);
            served.refuses(peer, |stats| stats.refused.unknown_protocol == before);
        }
    });
}

#[test]
fn an_unknown_version_ends_the_handshake() {
    over(WIRES, |site| {
        let served = Served::new(site);
        for (before, version) in (1..).zip([1, 2, 255]) {
            let mut peer = Peer::connect(served.at.address());
            peer.write(&[0, b'S', b'P', version]);
            served.refuses(peer, |stats| stats.refused.unknown_version == before);
        }
    });
}

#[test]
fn reserved_octets_must_be_zero() {
    over(WIRES, |site| {
        let served = Served::new(site);
        for (before, reserved) in (1..).zip([[1, 0], [0, 1], [255, 255]]) {
            let mut octets = greeting(PUSH);
            octets[6..].copy_from_slice(&reserved);
            let mut peer = Peer::connect(served.at.address());
            peer.write(&octets);
            served.refuses(peer, |stats| stats.refused.unknown_protocol == before);
        }
    });
}

const NUMBERS: [u16; 11] = [PAIR0, PAIR1, PUB, SUB, REQ, REP, PUSH, PULL, SURVEYOR, RESPONDENT, BUS];
/// Of nobody, of a survey protocol before its release, of an experiment, and nonsense.
const STRANGE: [u16; 6] = [0x00, 0x60, 0x61, 0x640, 0x5000, 0xffff];

#[test]
fn every_pattern_takes_its_own_peer_and_no_other() {
    fn takes_only<S: Socket>(site: &Site, socket: &S, own: u16, partner: u16) {
        let at = socket.listen(site.address()).expect("an address");
        let strangers = NUMBERS.into_iter().chain(STRANGE).filter(|number| *number != partner);
        let count = strangers.clone().count() as u64;
        for number in strangers {
            let mut peer = Peer::connect(at.address());
            assert_eq!(peer.greet(number), own);
            peer.wait_for_end();
        }
        counts(socket, |stats| stats.refused.wrong_pattern == count && stats.connected == 0);
        let _partner = Peer::greeted(at.address(), partner);
        socket.peers(1);
    }
    over(WIRES, |site| {
        takes_only(site, &Pair::new().unwrap(), PAIR0, PAIR0);
        takes_only(site, &Pair::builder().version_1().build().unwrap(), PAIR1, PAIR1);
        takes_only(site, &Pub::new().unwrap(), PUB, SUB);
        takes_only(site, &Sub::new().unwrap(), SUB, PUB);
        takes_only(site, &Req::new().unwrap(), REQ, REP);
        takes_only(site, &Rep::new().unwrap(), REP, REQ);
        takes_only(site, &Push::new().unwrap(), PUSH, PULL);
        takes_only(site, &Pull::new().unwrap(), PULL, PUSH);
        takes_only(site, &Surveyor::new().unwrap(), SURVEYOR, RESPONDENT);
        takes_only(site, &Respondent::new().unwrap(), RESPONDENT, SURVEYOR);
        takes_only(site, &Bus::new().unwrap(), BUS, BUS);
        takes_only(site, &hubless::raw::Rep::new().unwrap(), REP, REQ);
        takes_only(site, &hubless::raw::PairV1::new().unwrap(), PAIR1, PAIR1);
    });
}

#[test]
fn a_silent_peer_is_shut_out_at_the_deadline_of_the_handshake() {
    over(WIRES, |site| {
        let served = Served::with(site, Pull::builder().handshake_timeout(Duration::from_millis(100)));
        let begin = common::now();
        let peer = Peer::connect(served.at.address());
        served.refuses(peer, |stats| stats.refused.too_slow == 1);
        assert!(begin.elapsed() >= Duration::from_millis(100));
    });
}

#[test]
fn a_silent_listener_is_left_at_the_deadline_of_the_handshake() {
    over(WIRES, |site| {
        let host = Host::new(site);
        let push = Push::builder().handshake_timeout(Duration::from_millis(50)).build().unwrap();
        let dialer = push.dial(host.address()).unwrap();
        host.accept().wait_for_end();
        counts(&push, |stats| stats.refused.too_slow >= 1);
        assert!(dialer.status().last_error.is_some());
        let _proper = host.greeted(PULL);
        push.peers(1);
    });
}

#[test]
fn octets_now_and_then_do_not_extend_the_deadline_of_the_handshake() {
    over(WIRES, |site| {
        let served = Served::with(site, Pull::builder().handshake_timeout(Duration::from_millis(200)));
        let mut peer = Peer::connect(served.at.address());
        for octet in &greeting(PUSH)[..7] {
            if peer.try_write(&[*octet]).is_err() {
                break;
            }
            pause(Duration::from_millis(60));
        }
        served.refuses(peer, |stats| stats.refused.too_slow == 1);
    });
}

#[test]
fn a_greeting_may_come_octet_by_octet_and_so_may_a_message() {
    over(WIRES, |site| {
        let pull = Pull::new().unwrap();
        let at = pull.listen(site.address()).unwrap();
        let mut peer = Peer::connect(at.address());
        for octet in greeting(PUSH) {
            peer.write(&[octet]);
        }
        for octet in [peer.frame(b"one"), peer.frame(b""), peer.frame(&body(3, 500))].concat() {
            peer.write(&[octet]);
        }
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "one");
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "");
        assert_eq!(pull.recv_timeout(SOON).unwrap(), body(3, 500));
    });
}

#[test]
fn an_end_within_the_greeting_is_counted() {
    over(WIRES, |site| {
        let served = Served::new(site);
        for length in 0..8 {
            let mut peer = Peer::connect(served.at.address());
            peer.write(&greeting(PUSH)[..length]);
            drop(peer);
            counts(&served.pull, |stats| stats.refused.broken == length as u64 + 1);
        }
        served.honest();
        assert_eq!(served.pull.stats().connected, 1);
    });
}

#[test]
fn a_peer_that_only_ends_its_writing_within_the_greeting_is_shut_out() {
    over(WIRES, |site| {
        let served = Served::new(site);
        let mut peer = Peer::connect(served.at.address());
        peer.write(&greeting(PUSH)[..5]);
        peer.end_writing();
        served.refuses(peer, |stats| stats.refused.broken == 1);
    });
}

#[test]
fn a_reset_connection_is_counted_and_forgotten() {
    within(LIMIT, || {
        let served = Served::new(&Site::new("tcp"));
        for when in 0..2 {
            let mut peer = Peer::connect(served.at.address());
            if when == 1 {
                peer.greet(PUSH);
                served.pull.peers(2);
            }
            let Peer::Tcp(stream) = &peer else { panic!("tcp") };
            rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO)).unwrap();
            drop(peer);
        }
        counts(&served.pull, |stats| stats.refused.broken == 1 && stats.disconnected == 1);
        served.honest();
    });
}

#[test]
fn an_announcement_over_the_limit_ends_the_pipe_before_anything_is_read() {
    const LIMIT_OF_MESSAGE: u64 = 16 << 20;
    over(WIRES, |site| {
        let served = Served::new(site);
        let lengths =
            [LIMIT_OF_MESSAGE + 1, 1 << 32, 1 << 60, i64::MAX as u64, 1 << 63, u64::MAX - 7, u64::MAX];
        for (before, length) in (1..).zip(lengths) {
            let mut peer = Peer::greeted(served.at.address(), PUSH);
            served.pull.peers(2);
            peer.write(&peer.announcement(length));
            peer.wait_for_end();
            counts(&served.pull, |stats| stats.violations.message_too_large == before);
            served.honest();
        }
        assert_eq!(served.pull.stats().received, lengths.len() as u64);
    });
}

#[test]
fn an_announcement_takes_no_memory_though_there_is_no_limit() {
    over(WIRES, |site| {
        let served = Served::with(site, Pull::builder().max_message(u64::MAX));
        let mut peers = Vec::new();
        for length in [1 << 40, i64::MAX as u64, 1 << 63, u64::MAX] {
            let mut peer = Peer::greeted(served.at.address(), PUSH);
            let announcement = peer.announcement(length);
            // What cannot be held anyway may be refused.
            let _ = peer.try_write(&[announcement.as_slice(), b"and then nothing"].concat());
            peers.push(peer);
        }
        served.honest();
    });
}

#[test]
fn memory_grows_with_what_arrives_and_not_with_what_is_announced() {
    // It has a process of its own, because its memory is measured.
    over_within(2 * LIMIT, WIRES, |site| {
        let mut child = Child::start(CHILD, &["announcements", site.transport]);
        assert_eq!(child.hear(), "done");
        assert!(child.wait().success());
    });
}

/// A thousand announce the longest message, and then begin it.
fn believe_no_announcement(transport: &str) {
    const PEERS: usize = 1000;
    const FEW: &[u8] = b"a few octets";
    /// In use for each of them: 1 MiB for a hundred.
    const MOST_KIB: usize = 10;
    /// Set aside for each of which something has come; of that it uses the pages on which something stands.
    const AHEAD_KIB: usize = 64;
    let transport = WIRES.into_iter().find(|known| *known == transport).expect("a transport");
    allow_descriptors();
    let site = Site::new(transport);
    let served = Served::new(&site);
    served.honest();
    let before = Memory::now();
    let mut peers: Vec<Peer> = (0..PEERS).map(|_| Peer::greeted(served.at.address(), PUSH)).collect();
    served.pull.peers(PEERS + 1);
    for peer in &mut peers {
        peer.write(&peer.announcement(16 << 20));
    }
    // What the honest peer says is read behind what the others have said.
    (0..10).for_each(|_| served.honest());
    let announced = Memory::now().since(&before);
    assert!(announced.resident < PEERS * MOST_KIB, "for {PEERS} who announced: {announced:?}");
    assert!(announced.data < PEERS * MOST_KIB, "for {PEERS} who announced: {announced:?}");
    for peer in &mut peers {
        peer.write(FEW);
    }
    (0..10).for_each(|_| served.honest());
    let begun = Memory::now().since(&before);
    assert!(begun.resident < PEERS * MOST_KIB, "for {PEERS} who began: {begun:?}");
    assert!(begun.data < PEERS * (AHEAD_KIB + MOST_KIB), "for {PEERS} who began: {begun:?}");
    // One of them goes on.
    let rest = body(1, (16 << 20) - FEW.len());
    peers[100].write(&rest);
    let message = served.pull.recv_timeout(SOON).expect("a message");
    assert_eq!(message[..FEW.len()], *FEW);
    assert!(message[FEW.len()..] == rest);
}

/// What a process has of memory, in KiB.
#[derive(Debug)]
struct Memory {
    /// In use.
    resident: usize,
    /// Asked for, used or not.
    data: usize,
}

impl Memory {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").expect("a status");
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
            line.trim().trim_end_matches(" kB").parse().expect("a number")
        };
        Self { resident: kib("VmRSS:"), data: kib("VmData:") }
    }

    /// By how much it has grown.
    fn since(self, before: &Self) -> Self {
        Self {
            resident: self.resident.saturating_sub(before.resident),
            data: self.data.saturating_sub(before.data),
        }
    }
}

#[test]
fn a_truncated_message_is_never_delivered() {
    over(WIRES, |site| {
        let served = Served::new(site);
        for cut in [0, 1, 8, 9, 10, 99, 50_000, 199_999] {
            let mut peer = Peer::greeted(served.at.address(), PUSH);
            served.pull.peers(2);
            let frame = peer.frame(&body(0, 200_000));
            peer.write(&frame[..cut]);
            drop(peer);
            eventually(|| served.pull.stats().pipes == 1);
            served.honest();
        }
        assert_eq!(served.pull.stats().received, 8);
    });
}

#[test]
fn an_empty_message_is_delivered_where_there_is_no_header() {
    over(WIRES, |site| {
        let served = Served::new(site);
        let mut push = Peer::greeted(served.at.address(), PUSH);
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
    });
}

/// Each of these ends the pipe, counted as a malformed header, and delivers nothing.
fn malformed<S: Socket>(site: &Site, socket: &S, partner: u16, payloads: &[Vec<u8>]) {
    let at = socket.listen(site.address()).expect("an address");
    for (before, payload) in (1..).zip(payloads) {
        let mut peer = Peer::greeted(at.address(), partner);
        peer.send(payload);
        peer.wait_for_end();
        counts(socket, |stats| stats.violations.malformed_header == before && stats.pipes == 0);
    }
    assert_eq!(socket.stats().received, 0);
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

const HOP: u32 = 0x6653_63a1;
const ID: u32 = 0xd6d5_3efc;

#[test]
fn a_header_without_its_end_ends_the_pipe() {
    over(WIRES, |site| {
        let broken = [
            vec![],
            vec![0x80],
            vec![0x80, 0, 0],
            words(&[HOP]),
            words(&[HOP, HOP]),
            words(&[HOP; 7]),
            [words(&[HOP]), vec![0xff, 0xff]].concat(),
        ];
        let (rep, respondent) = (Rep::new().unwrap(), Respondent::new().unwrap());
        malformed(site, &rep, REQ, &broken);
        malformed(site, &respondent, SURVEYOR, &broken);
        malformed(site, &hubless::raw::Rep::new().unwrap(), REQ, &broken);
        let short = [vec![], vec![0x80], vec![0x80, 0, 0]];
        let (req, surveyor) = (Req::new().unwrap(), Surveyor::new().unwrap());
        malformed(site, &req, REP, &short);
        malformed(site, &surveyor, RESPONDENT, &short);
        malformed(site, &hubless::raw::Req::new().unwrap(), REP, &short);

        // And then they serve an honest peer.
        let (asker, at) = (Req::new().unwrap(), rep.listen(site.address()).unwrap());
        asker.dial(at.address()).unwrap();
        let pending = asker.send("q").unwrap();
        rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
        assert_eq!(pending.recv().unwrap(), "a");
    });
}

#[test]
fn a_message_over_too_many_hops_is_dropped_and_the_pipe_stays() {
    over(WIRES, |site| {
        let rep = Rep::new().unwrap();
        let at = rep.listen(site.address()).unwrap();
        let mut peer = Peer::greeted(at.address(), REQ);
        let far = [
            words(&[HOP, HOP, HOP, HOP, HOP, HOP, HOP, HOP, ID]),
            words(&[HOP; 8]),
            words(&vec![HOP; 1 << 18]),
            [words(&[HOP; 8]), vec![1]].concat(),
        ];
        for payload in &far {
            peer.send(payload);
        }
        counts(&rep, |stats| stats.drops.too_many_hops == 4);
        let trace = words(&[HOP, HOP, HOP, HOP, HOP, HOP, HOP, ID]);
        peer.send(&[trace.as_slice(), b"just near enough"].concat());
        rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
        assert_eq!(peer.recv(), [trace.as_slice(), b"a"].concat());
        assert_eq!(rep.stats().received, 1);
    });
}

#[test]
fn the_ttl_can_be_set() {
    over(WIRES, |site| {
        let (rep, respondent) = (
            Rep::builder().max_hops(1).build().unwrap(),
            Respondent::builder().max_hops(15).build().unwrap(),
        );
        let mut asker = Peer::greeted(rep.listen(site.address()).unwrap().address(), REQ);
        asker.send(&words(&[HOP, ID]));
        asker.send(&words(&[ID]));
        assert_eq!(rep.recv_timeout(SOON).unwrap(), "");
        assert_eq!(rep.stats().drops.too_many_hops, 1);
        let mut surveyor = Peer::greeted(respondent.listen(site.address()).unwrap().address(), SURVEYOR);
        let far: Vec<u32> = [HOP; 14].into_iter().chain([ID]).collect();
        surveyor.send(&[words(&[HOP]), words(&far)].concat());
        surveyor.send(&words(&far));
        assert_eq!(respondent.recv_timeout(SOON).unwrap(), "");
        assert_eq!(respondent.stats().drops.too_many_hops, 1);
    });
}

#[test]
fn an_answer_to_nothing_is_dropped_and_the_pipe_stays() {
    over(WIRES, |site| {
        let req = Req::new().unwrap();
        let mut peer = Peer::connect(req.listen(site.address()).unwrap().address());
        peer.greet(REP);
        peer.send(&words(&[ID])); // Before any request.
        counts(&req, |stats| stats.drops.stray == 1);
        let pending = req.send("q").unwrap();
        let asked = peer.recv();
        let id = u32::from_be_bytes(asked[..4].try_into().unwrap());
        peer.send(&words(&[id ^ 1, 7]));
        peer.send(&words(&[id & !(1 << 31), 7])); // The bit is cleared.
        peer.send(&words(&[HOP, id, 7])); // A hop in front.
        peer.send(&[words(&[id]), b"right".to_vec()].concat());
        peer.send(&[words(&[id]), b"twice".to_vec()].concat());
        assert_eq!(pending.recv_timeout(SOON).unwrap(), "right");
        counts(&req, |stats| stats.drops.stray == 5);
        assert_eq!((req.stats().pipes, req.stats().received), (1, 1));
    });
}

#[test]
fn an_answer_to_no_survey_is_dropped_and_the_pipe_stays() {
    over(WIRES, |site| {
        let surveyor = Surveyor::new().unwrap();
        let mut peer = Peer::greeted(surveyor.listen(site.address()).unwrap().address(), RESPONDENT);
        surveyor.peers(1);
        peer.send(&words(&[ID]));
        let mut survey: Survey = surveyor.survey("q", Duration::from_millis(100)).unwrap();
        let asked = peer.recv();
        let id = u32::from_be_bytes(asked[..4].try_into().unwrap());
        peer.send(&words(&[id ^ 1]));
        peer.send(&words(&[id & !(1 << 31)]));
        counts(&surveyor, |stats| stats.drops.stray == 3);
        assert!(survey.recv().unwrap().is_none());
        assert_eq!(survey.end(), Some(SurveyEnd::Deadline));
        peer.send(&words(&[id])); // Late.
        counts(&surveyor, |stats| stats.drops.stray == 4);
        assert_eq!((surveyor.stats().pipes, surveyor.stats().received), (1, 0));
    });
}

#[test]
fn a_pair_of_version_1_checks_its_header() {
    over(WIRES, |site| {
        let pair = Pair::builder().version_1().build().unwrap();
        let broken = [vec![], vec![0, 0, 1], words(&[256]), words(&[0x8000_0001]), words(&[0x0100_0001, 5])];
        malformed(site, &pair, PAIR1, &broken);
        let mut peer = Peer::greeted(pair.listen(site.address()).unwrap().address(), PAIR1);
        for hops in [9, 100, 255] {
            peer.send(&words(&[hops]));
        }
        for hops in [0, 1, 8] {
            peer.send(&[words(&[hops]), b"near".to_vec()].concat());
            assert_eq!(pair.recv_timeout(SOON).unwrap(), "near");
        }
        assert_eq!(pair.stats().drops.too_many_hops, 3);
        pair.send("hi").unwrap();
        assert_eq!(peer.recv(), [0, 0, 0, 1, b'h', b'i']);
    });
}

#[test]
fn a_frame_of_an_unknown_type_ends_the_pipe() {
    over(["ipc"], |site| {
        let served = Served::new(site);
        for (before, octet) in (1..).zip([0, 2, 255]) {
            let mut peer = Peer::greeted(served.at.address(), PUSH);
            served.pull.peers(2);
            peer.write(&[octet, 0, 0, 0, 0, 0, 0, 0, 1, b'x']);
            peer.wait_for_end();
            counts(&served.pull, |stats| stats.violations.unknown_frame == before);
            served.honest();
        }
        let mut peer = Peer::greeted(served.at.address(), PUSH);
        peer.write(&[2]); // One octet is enough to tell.
        peer.wait_for_end();
        counts(&served.pull, |stats| stats.violations.unknown_frame == 4);
    });
}

#[test]
fn a_subscriber_that_speaks_is_shut_out() {
    fn is_shut_out(site: &Site, socket: &impl Socket) {
        let at = socket.listen(site.address()).expect("an address");
        for (before, payload) in (1..).zip([&b""[..], b"x"]) {
            let mut peer = Peer::greeted(at.address(), SUB);
            peer.send(payload);
            peer.wait_for_end();
            counts(socket, |stats| stats.violations.unexpected_message == before);
        }
    }
    over(WIRES, |site| {
        is_shut_out(site, &Pub::new().unwrap());
        is_shut_out(site, &hubless::raw::Pub::new().unwrap());
    });
}

#[test]
fn what_a_worker_says_to_its_push_is_discarded_and_counted() {
    over(WIRES, |site| {
        let push = Push::new().unwrap();
        let mut peer = Peer::greeted(push.listen(site.address()).unwrap().address(), PULL);
        peer.send(b"");
        peer.send(b"nobody asked");
        counts(&push, |stats| stats.drops.stray == 2);
        push.send("work").unwrap();
        assert_eq!(peer.recv(), b"work");
    });
}

#[test]
fn a_flood_of_requests_is_no_longer_read() {
    over(WIRES, |site| {
        let rep = Rep::builder().recv_buffer(10).build().unwrap();
        let at = rep.listen(site.address()).unwrap();
        let mut flood = Peer::greeted(at.address(), REQ);
        let request = [words(&[ID]), vec![0; 60_000]].concat();
        let taken = flood.flood(&request, Duration::from_millis(500));
        assert!(taken < 64 << 20, "{taken} octets were taken");
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
    });
}

#[test]
fn a_subscriber_that_never_reads_loses_messages_and_the_others_do_not() {
    over(WIRES, |site| {
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
    });
}

#[test]
fn a_peer_that_resets_while_it_is_sent_to_is_one_pipe_less() {
    over(WIRES, |site| {
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
    });
}

#[test]
fn a_message_that_dribbles_holds_up_nobody() {
    over(WIRES, |site| {
        let served = Served::new(site);
        let mut slow = Peer::greeted(served.at.address(), PUSH);
        let frame = slow.frame(&body(7, 100_000));
        let (most, last) = frame.split_at(frame.len() - 1);
        for piece in most.chunks(5000) {
            slow.write(piece);
            served.honest();
        }
        slow.write(last);
        assert!(served.pull.recv_timeout(SOON).unwrap() == body(7, 100_000));
    });
}

#[test]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn a_message_that_does_not_go_on_ends_its_pipe_and_an_idle_one_stays() {
    over_within(2 * LIMIT, WIRES, |site| does_not_go_on(site, b"a few octets"));
}

#[test]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn a_message_of_which_nothing_comes_ends_its_pipe() {
    over_within(2 * LIMIT, WIRES, |site| does_not_go_on(site, b""));
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
    let begin = common::now();
    let mut dripped = 0;
    // They have half a minute.
    let both = common::holds_within(2 * SOON, &mut || {
        if begin.elapsed() >= Duration::from_secs(dripped) {
            let _ = dripping.try_write(b".");
            dripped += 1;
        }
        let ended = served.pull.stats().violations.too_slow;
        assert!(ended == 0 || begin.elapsed() > Duration::from_secs(25), "it had too little time");
        ended == 2
    });
    assert!(both, "{:?}", served.pull.stats());
    assert!(dripped > 20, "{dripped} octets, one a second");
    for peer in [&mut stuck, &mut dripping] {
        peer.wait_for_end();
        assert!(matches!(monitor.recv_timeout(SOON), Ok(Event::Removed { removal: Removal::TooSlow, .. })));
    }
    assert_eq!(served.pull.stats().pipes, 2);
    served.honest();
}

#[test]
fn many_half_open_connections_keep_nobody_out() {
    over(WIRES, |site| {
        let served = Served::new(site);
        let mut crowd: Vec<Peer> = (0..300).map(|_| Peer::connect(served.at.address())).collect();
        counts(&served.pull, |stats| stats.refused.too_many == 300 - 256);
        // The oldest had to go.
        crowd[0].read_greeting();
        crowd[0].wait_for_end();
        let newcomer = Push::new().unwrap();
        newcomer.dial(served.at.address()).unwrap();
        newcomer.send("late, but honest").unwrap();
        assert_eq!(served.pull.recv_timeout(SOON).unwrap(), "late, but honest");
        served.honest();
        assert_eq!(crowd[299].greet(PUSH), PULL);
        crowd[299].send(b"at last");
        assert_eq!(served.pull.recv_timeout(SOON).unwrap(), "at last");
    });
}

const CHILD: &str = "this_is_the_child_process_of_the_tests_here";

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    let Some(words) = task() else { return };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["churn", transport, rounds] => churn(transport, rounds.parse().unwrap()),
        ["descriptors", transport] => run_out_of_descriptors(transport),
        ["announcements", transport] => believe_no_announcement(transport),
        ["share", transport] => take_its_share_of_descriptors(transport),
        _ => panic!("{words:?}"),
    }
    tell("done");
}

/// Allows this process as many descriptors as it may have.
fn allow_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("the limit that may be had");
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("a directory").count()
}

/// Connections of all sorts come and go, and leave nothing behind.
fn churn(transport: &str, rounds: usize) {
    let transport = ALL.into_iter().find(|known| *known == transport).expect("a transport");
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
            let mut rude = Peer::connect(served.at.address());
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

#[test]
fn connections_that_come_and_go_leave_no_descriptor_behind() {
    over_within(2 * LIMIT, ALL, |site| {
        let mut child = Child::start(CHILD, &["churn", site.transport, "100"]);
        assert_eq!(child.hear(), "done");
        assert!(child.wait().success());
    });
}

#[test]
#[ignore = "long: cargo test --workspace -- --ignored"]
fn very_many_connections_that_come_and_go_leave_no_descriptor_behind() {
    over_within(Duration::from_secs(1800), ALL, |site| {
        let mut child = Child::start(CHILD, &["churn", site.transport, "20000"]);
        assert_eq!(child.hear(), "done");
        assert!(child.wait().success());
    });
}

/// A process that may have few descriptors meets more peers than that.
fn run_out_of_descriptors(transport: &str) {
    let transport = WIRES.into_iter().find(|known| *known == transport).expect("a transport");
    let site = Site::new(transport);
    let served = Served::new(&site);
    let many = descriptors() as u64 + 40;
    let old = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(many), maximum: old.maximum }).expect("a limit");
    // Both ends of each connection are ours: the system refuses before long.
    let clock = std::fs::File::open("/proc/self/stat").expect("a status");
    let mut crowd = Vec::new();
    let place = served.at.address().split_once("://").expect("an address").1;
    loop {
        let peer = if transport == "tcp" {
            std::net::TcpStream::connect(place).map(Peer::Tcp)
        } else {
            std::os::unix::net::UnixStream::connect(place).map(Peer::Ipc)
        };
        match peer {
            Ok(peer) => crowd.push(peer),
            Err(_) => break,
        }
    }
    served.honest();
    let quiet = || {
        let (begin, before) = (common::now(), ticks(&clock));
        pause(Duration::from_secs(1));
        u128::from(ticks(&clock) - before) * 20 <= begin.elapsed().as_millis() / 10
    };
    // One look in three: the first may see the end of what was done before.
    assert!((0..3).any(|_| quiet()), "waiting for descriptors takes more than a twentieth of a processor");
    served.honest();
    setrlimit(Resource::Nofile, old).expect("the old limit");
    crowd.clear();
    let late = Push::new().expect("a socket");
    late.dial(served.at.address()).expect("an address");
    late.send("in the end").expect("room");
    assert_eq!(served.pull.recv_timeout(SOON).expect("a message"), "in the end");
}

/// Hundredths of a second of processor time this process has used.
fn ticks(stat: &std::fs::File) -> u64 {
    use std::os::unix::fs::FileExt;
    let mut text = [0; 1024];
    let length = stat.read_at(&mut text, 0).expect("a status");
    let stat = String::from_utf8_lossy(&text[..length]);
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
    fields[11].parse::<u64>().expect("a number") + fields[12].parse::<u64>().expect("a number")
}

#[test]
fn a_process_without_descriptors_keeps_its_peers_and_recovers() {
    over(WIRES, |site| {
        let mut child = Child::start(CHILD, &["descriptors", site.transport]);
        assert_eq!(child.hear(), "done");
        assert!(child.wait().success());
    });
}

/// What the connections of a process with few descriptors may use, four in five, and how many more come.
const SHARE: usize = 80;
const BEYOND: usize = 5;

/// A process that may have few descriptors lets its connections use four in five of them.
fn take_its_share_of_descriptors(transport: &str) {
    const DESCRIPTORS: u64 = 100;
    let transport = WIRES.into_iter().find(|known| *known == transport).expect("a transport");
    let site = Site::new(transport);
    let usual = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(DESCRIPTORS), ..usual }).expect("a limit");
    let pull = Pull::new().expect("a socket");
    let monitor = pull.monitor();
    let at = pull.listen(site.address()).expect("an address");
    tell(at.address());
    pull.peers(SHARE);
    tell("full");
    counts(&pull, |stats| stats.refused.too_many == BEYOND as u64 && stats.pipes == SHARE);
    let told = std::iter::from_fn(|| monitor.recv_timeout(SOON).ok()).find_map(|event| {
        if let Event::ConnectionRefused { limit, .. } = event { Some(limit) } else { None }
    });
    assert_eq!(told, Some(Limit::Descriptors { connections: SHARE, percent: 80 }));
    // Those who are in stay, and whoever leaves makes room.
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "still here");
    tell("heard");
    counts(&pull, |stats| stats.pipes == SHARE - 1);
    tell("left");
    pull.peers(SHARE);
}

#[test]
fn connections_use_no_more_than_their_share_of_descriptors() {
    over(WIRES, |site| {
        let mut child = Child::start(CHILD, &["share", site.transport]);
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
    });
}
