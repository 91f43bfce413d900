//! Peers stand still for a while, as a process does that is stopped, swapped out or debugged, and go on. Nothing is lost, one that
//! need not wait for them does not, and one that waits does so without spinning.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hubless::{Message, Pair, Push};
use rustix::process::Signal;

use crate::meeting::Meeting;
use crate::{Diary, Trial};
use hubless_kit::{Child, Gauge, Ledger, Site, Stamp, eventually, now};

/// How long, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How often a peer stands still.
    pub stops: u32,
    /// How long.
    pub time: Duration,
    /// Of that time, the most for which the other side may use a processor when it can do nothing but wait, in hundredths.
    pub cpu_percent: u32,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    what: String,
    stops: u32,
    sent: u64,
    received: u64,
    longest_send: Duration,
    cpu: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, stops, sent, received, longest_send, cpu } = self;
        write!(f, "{what}: {stops} stops, {sent} sent, {received} received, ")?;
        write!(f, "longest send {longest_send:.1?}, {cpu:?} of a processor used while all stood still")
    }
}

/// Bytes of a message.
const LENGTH: usize = 1000;
/// Nothing leaves any more when nothing has for so long.
const STILL: Duration = Duration::from_millis(100);
/// How often it is measured how quiet a process waits: others may use it meanwhile, or there is some room yet.
const ATTEMPTS: usize = 3;
/// Time enough for everything.
const LONG: Duration = Duration::from_secs(60);

/// A peer that stands still now and then, and what it has received.
struct Peer {
    child: Child,
    diary: PathBuf,
}

/// What all peers of a trial have in common.
struct Group {
    site: Site,
    run: u64,
}

impl Group {
    fn new(trial: &Trial, transport: &'static str) -> Self {
        Self { site: Site::new(transport), run: trial.chance(0).u64(..) }
    }

    /// A peer that listens at this place, and that the socket dials.
    fn start(&self, actor: &Path, pattern: &str, place: u16, socket: &impl Meeting) -> Peer {
        let (address, diary) = (self.site.place(place), self.site.file(&format!("diary-{place}")));
        let (run, length) = (self.run.to_string(), LENGTH.to_string());
        let path = diary.to_str().expect("a path of text");
        let words = ["victim", pattern, "listen", &address, &run, "0", &length, path];
        let mut child = Child::program(actor, &words);
        assert_eq!(child.hear(), "ready");
        socket.dial_to(&address);
        Peer { child, diary }
    }

    fn message(&self, seq: u64) -> Message {
        Stamp { run: self.run, sender: 0, incarnation: 0, seq, about: 0 }.encode(LENGTH)
    }
}

/// Of the two PULL sockets of one PUSH one stands still: the other gets the work. Then both do, and the PUSH waits.
pub fn workers(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let group = Group::new(trial, transport);
    let push = Push::builder().send_buffer(64).build().expect("a socket");
    let peers = [0, 1].map(|place| group.start(actor, "pull", place, &push));
    push.wait_for_peers(2, LONG).expect("both");
    let (mut sent, mut longest_send, mut cpu) = (0, Duration::ZERO, Duration::ZERO);
    for stop in 0..plan.stops {
        let (still, other) = if stop % 2 == 0 { (&peers[0], &peers[1]) } else { (&peers[1], &peers[0]) };
        still.child.stop();
        let begin = now();
        while begin.elapsed() < plan.time {
            let before = now();
            push.send_timeout(group.message(sent), LONG).expect("the other takes it");
            (sent, longest_send) = (sent + 1, longest_send.max(before.elapsed()));
        }
        other.child.stop();
        let say = |seq, time| push.send_timeout(group.message(seq), time).is_ok();
        cpu += waits_quietly(plan, &mut sent, say);
        for peer in &peers {
            peer.child.signal(Signal::CONT);
        }
    }
    let diaries = || peers.iter().map(|peer| Diary::read(&peer.diary)).collect::<Vec<_>>();
    eventually(|| diaries().concat().len() as u64 >= sent);
    let diaries = diaries();
    assert!(diaries.iter().all(|diary| diary.is_sorted()), "messages came out of order");
    let all: BTreeSet<u64> = diaries.concat().into_iter().collect();
    assert!(all.into_iter().eq(0..sent), "not each message came once");
    let (what, received) = (format!("push over {transport}"), diaries.concat().len() as u64);
    Report { what, stops: plan.stops, sent, received, longest_send, cpu }
}

/// The peer of a PAIR stands still until the other has no room, and goes on. Both have everything.
pub fn pairs(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let group = Group::new(trial, transport);
    let pair = Pair::builder().send_buffer(64).build().expect("a socket");
    let peer = group.start(actor, "pair", 0, &pair);
    let mut ledger = Ledger::new(group.run);
    let (mut sent, mut cpu) = (0, Duration::ZERO);
    for _ in 0..plan.stops {
        let before = ledger.received;
        while ledger.received < before + 100 {
            ledger.enter(&pair.recv_timeout(LONG).expect("a message")).expect("a message as it was sent");
        }
        peer.child.stop();
        while let Ok(message) = pair.recv_timeout(STILL) {
            ledger.enter(&message).expect("a message as it was sent");
        }
        let say = |seq, time| pair.send_timeout(group.message(seq), time).is_ok();
        cpu += waits_quietly(plan, &mut sent, say);
        peer.child.signal(Signal::CONT);
    }
    eventually(|| Diary::count(&peer.diary) as u64 >= sent);
    assert!(Diary::read(&peer.diary).into_iter().eq(0..sent), "not each message came once and in order");
    assert_eq!(ledger.missing, 0, "messages of the one that stood still are missing");
    let (what, received) = (format!("pair over {transport}"), sent + ledger.received);
    Report { what, stops: plan.stops, sent, received, longest_send: plan.time, cpu }
}

/// Sends until there is no room, and waits in vain for the whole time of the plan; how much of a processor this process used
/// for that, the least of three such times.
fn waits_quietly(plan: Plan, sent: &mut u64, say: impl Fn(u64, Duration) -> bool) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..ATTEMPTS {
        while say(*sent, STILL) {
            *sent += 1;
        }
        let before = Gauge::own().cpu;
        // On a slow machine there may be some room yet.
        if say(*sent, plan.time) {
            *sent += 1;
            continue;
        }
        least = least.min(Gauge::own().cpu.saturating_sub(before));
        if least <= plan.time * plan.cpu_percent / 100 {
            return least;
        }
    }
    panic!(
        "{least:?} of a processor used in {:?}, or everything was taken by those who stand still",
        plan.time
    )
}
