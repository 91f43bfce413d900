//! Attacks by those who have greeted, and say what they should not.

use std::time::Duration;

use super::attack::{Attack, FULL, GUESTS, Post, QUIET, SLACK_KIB, UNBOUNDED};
use super::attacker::{Field, Made};
use hubless_kit::header;
use hubless_kit::peer::{PUSH, Peer, REQ, RESPONDENT};

const MILLISECOND: Duration = Duration::from_millis(1);
/// The longest message that may be announced.
const LIMIT: u64 = 16 << 20;
/// Peers that have said something and say no more.
const CROWD: usize = 100;
/// Those who announce a message and say no more.
const ANNOUNCERS: usize = 1000;
/// What each of them may take, in KiB: 1 MiB for a hundred.
const ANNOUNCER_KIB: u64 = 10;
/// Set aside for a message of which something has come, in KiB.
const AHEAD_KIB: u64 = 64;
/// A hop of a header, and its end.
const HOP: u32 = 0x6653_63a1;
const END: u32 = 0xd6d5_3efc;

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "announcing the largest message",
        act: announce,
        connections: ANNOUNCERS + GUESTS,
        // Nothing is set aside before something has come.
        grown_kib: ANNOUNCERS as u64 * ANNOUNCER_KIB,
        reserved_kib: ANNOUNCERS as u64 * ANNOUNCER_KIB,
        cpu: QUIET,
        counted: |tally, made| made == ANNOUNCERS as u64 && tally.count("pipes") == made + 1,
        ..Attack::PLAIN
    },
    Attack {
        name: "announcing too large a message",
        act: announce_too_much,
        counted: |tally, made| made > 0 && tally.count("message_too_large") == made,
        ..Attack::PLAIN
    },
    Attack {
        name: "a message that drips",
        act: drip,
        connections: CROWD + GUESTS,
        grown_kib: SLACK_KIB + CROWD as u64 * AHEAD_KIB,
        cpu: QUIET * 2.0,
        // It has half a minute: one that has had less is still there.
        counted: |tally, made| {
            tally.count("message_too_slow") == made && tally.count("pipes") == CROWD as u64 + 1
        },
        ..Attack::PLAIN
    },
    Attack {
        name: "resets in the middle of a message",
        act: churn,
        counted: |tally, made| {
            made > 0 && tally.count("connected") == tally.count("disconnected") + tally.count("pipes")
        },
        ..Attack::PLAIN
    },
    Attack {
        name: "too many hops",
        act: too_many_hops,
        cpu: FULL,
        counted: |tally, made| made > 0 && tally.count("too_many_hops") == made,
        ..Attack::PLAIN
    },
    Attack {
        name: "headers without an end",
        act: malformed,
        counted: |tally, made| made > 0 && tally.count("malformed_header") == made,
        ..Attack::PLAIN
    },
    Attack {
        name: "answers to nothing",
        post: Post::Survey,
        act: strays,
        counted: |tally, made| made > 0 && tally.count("stray") == made,
        ..Attack::PLAIN
    },
    Attack {
        name: "empty requests",
        act: empty_requests,
        grown_kib: 2 * SLACK_KIB,
        cpu: UNBOUNDED,
        counted: |tally, made| made > 0 && tally.count("received") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "empty messages",
        post: Post::Drain,
        act: empty_messages,
        grown_kib: 2 * SLACK_KIB,
        cpu: UNBOUNDED,
        counted: |tally, made| made > 0 && tally.count("received") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "passing descriptors",
        transports: &["ipc"],
        act: pass_descriptors,
        // None of those that were passed.
        connections: 4 + GUESTS,
        counted: |tally, made| made > 0 && tally.count("received") >= made,
        ..Attack::PLAIN
    },
];

/// Many announce as much as is allowed, and say no more.
fn announce(field: &Field) -> Made {
    let peers = field.crowd(ANNOUNCERS, REQ);
    for peer in &peers {
        peer.say(&peer.announcement(LIMIT));
    }
    field.begin();
    field.wait();
    Made { count: peers.len() as u64, held: peers }
}

/// One after the other announces more than is allowed.
fn announce_too_much(field: &Field) -> Made {
    let lengths = [LIMIT + 1, 1 << 32, 1 << 62, i64::MAX as u64, u64::MAX - 8, u64::MAX];
    let mut chance = field.chance();
    knock(field, |peer| peer.announcement(lengths[chance.usize(..lengths.len())]))
}

/// One after the other sends a header that never ends.
fn malformed(field: &Field) -> Made {
    let headers = [vec![], vec![0x80, 0, 0], header(&[HOP]), header(&[HOP; 7])];
    let mut chance = field.chance();
    knock(field, |peer| peer.frame(&headers[chance.usize(..headers.len())]))
}

/// One connects after the other, greets, says something and is shut out.
fn knock(field: &Field, mut saying: impl FnMut(&Peer) -> Vec<u8>) -> Made {
    field.begin();
    let mut count = 0;
    while field.after(MILLISECOND) {
        let peer = field.greeted(REQ);
        peer.say(&saying(&peer));
        peer.wait_for_end();
        count += 1;
    }
    Made { count, held: Vec::new() }
}

/// Many begin a message, and go on with a byte now and then. One that is shut out comes again.
fn drip(field: &Field) -> Made {
    let begin = || {
        let peer = field.greeted(REQ);
        peer.say(&peer.announcement(LIMIT));
        peer
    };
    let mut peers: Vec<Peer> = (0..CROWD).map(|_| begin()).collect();
    field.begin();
    let mut count = 0;
    while field.after(100 * MILLISECOND) {
        for peer in &mut peers {
            if peer.try_offer(b".").is_none() || peer.has_ended() {
                *peer = begin();
                count += 1;
            }
        }
    }
    Made { count, held: peers }
}

/// One after the other goes in the middle of a message.
fn churn(field: &Field) -> Made {
    field.begin();
    let mut count = 0;
    while field.after(MILLISECOND) {
        let peer = field.greeted(REQ);
        peer.read_greeting();
        let frame = peer.frame(&vec![0x80; 100_000]);
        let _ = peer.try_offer(&frame[..50_000]);
        peer.reset();
        count += 1;
    }
    Made { count, held: Vec::new() }
}

/// Requests that have come from too far, some from much too far.
fn too_many_hops(field: &Field) -> Made {
    let peers = field.crowd(2, REQ);
    let near = peers[0].frame(&header(&[HOP, HOP, HOP, HOP, HOP, HOP, HOP, HOP, END]));
    let far = peers[0].frame(&header(&vec![HOP; 16_384]));
    send_in_bursts(field, peers, &[near.repeat(100), far].concat(), 101)
}

/// Answers that nobody asked for, with whatever number.
fn strays(field: &Field) -> Made {
    const BURST: u64 = 100;
    let mut chance = field.chance();
    let peers = field.crowd(4, RESPONDENT);
    let burst: Vec<u8> = (0..BURST)
        .flat_map(|_| peers[0].frame(&[header(&[chance.u32(..) | 1 << 31]), b"this is it".to_vec()].concat()))
        .collect();
    send_in_bursts(field, peers, &burst, BURST)
}

/// All send the same again and again, with a pause in between.
fn send_in_bursts(field: &Field, peers: Vec<Peer>, burst: &[u8], messages: u64) -> Made {
    field.begin();
    let mut count = 0;
    while field.after(2 * MILLISECOND) {
        for peer in &peers {
            assert!(peer.say(burst), "the connection stays");
            // What they are asked they do not answer.
            assert!(!peer.has_ended(), "the connection stays");
            count += messages;
        }
    }
    Made { count, held: peers }
}

/// Requests without a body, as fast as they are taken.
fn empty_requests(field: &Field) -> Made {
    flood(field, REQ, &header(&[END]))
}

/// Messages without a body, as fast as they are taken.
fn empty_messages(field: &Field) -> Made {
    flood(field, PUSH, &[])
}

fn flood(field: &Field, number: u16, payload: &[u8]) -> Made {
    const BURST: u64 = 1000;
    let peer = field.greeted(number);
    let burst: Vec<u8> = (0..BURST).flat_map(|_| peer.frame(payload)).collect();
    field.begin();
    let mut count = 0;
    while field.goes_on() {
        assert!(peer.say(&burst), "the connection stays");
        assert!(!peer.has_ended(), "the connection stays");
        count += BURST;
    }
    Made { count, held: vec![peer] }
}

/// Requests with open descriptors beside them.
fn pass_descriptors(field: &Field) -> Made {
    let peers = field.crowd(4, REQ);
    let passed = std::fs::File::open("/dev/null").expect("a file that is always there");
    let request = peers[0].frame(&header(&[END, 7]));
    field.begin();
    let mut count = 0;
    while field.after(2 * MILLISECOND) {
        for peer in &peers {
            assert!(peer.pass(&request, &passed), "the connection stays");
            assert!(!peer.has_ended(), "the connection stays");
            count += 1;
        }
    }
    Made { count, held: peers }
}
