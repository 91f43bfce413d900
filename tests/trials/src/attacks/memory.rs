//! Attacks by those who have memory kept for them: they take nothing, or send what nobody takes.

use std::time::Duration;

use super::attack::{Attack, GUESTS, Post, QUIET, SLACK_KIB, Terms, UNBOUNDED};
use super::attacker::{Field, Made};
use super::tally::Tally;
use super::wait;
use hubless_kit::header;
use hubless_kit::now;
use hubless_kit::peer::{PULL, PUSH, Peer, REQ, SUB};

/// What waits for one peer, or from one peer, in KiB.
const BUFFER_KIB: u64 = 8 << 10;
/// What a connection may take beyond that, in KiB: set aside for a message, and a buffer that holds the next ones.
const BEYOND_KIB: u64 = 64 + 256;
/// The memory of a context that is soon full.
const MEMORY: usize = 16 << 20;
/// Nobody takes anything any more when nobody has for so long.
const STALLED: Duration = Duration::from_millis(200);
const MILLISECOND: Duration = Duration::from_millis(1);
/// The end of a header.
const END: u32 = 0xd6d5_3efc;

const FEW: usize = 4;
const MANY: usize = 100;
const WORKERS: usize = 2;

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "subscribers that never read",
        post: Post::News,
        act: |field| take_nothing(field, FEW, SUB),
        grown_kib: SLACK_KIB + FEW as u64 * (BUFFER_KIB + BEYOND_KIB),
        counted: |tally, _| tally.count("peer_full") > 0,
        ..Attack::PLAIN
    },
    Attack {
        name: "workers that never read",
        post: Post::Work,
        act: |field| take_nothing(field, WORKERS, PULL),
        grown_kib: SLACK_KIB + WORKERS as u64 * (BUFFER_KIB + BEYOND_KIB),
        // Nothing is lost, so nothing is counted but what waits for them: messages of 128 KiB, as many as there is room for.
        counted: |tally, _| tally.count("send_queue") > WORKERS as u64 * BUFFER_KIB / 128 / 2,
        ..Attack::PLAIN
    },
    Attack {
        name: "requests without end and no answer taken",
        act: ask_and_take_nothing,
        grown_kib: SLACK_KIB + FEW as u64 * 2 * (BUFFER_KIB + BEYOND_KIB),
        // No less than may be used.
        reserved_kib: 2 * (SLACK_KIB + FEW as u64 * 2 * (BUFFER_KIB + BEYOND_KIB)),
        cpu: UNBOUNDED,
        counted: |tally, _| tally.count("peer_full") > 0,
        ..Attack::PLAIN
    },
    Attack {
        name: "more than is received",
        post: Post::Heap,
        act: |field| pour(field, FEW),
        grown_kib: SLACK_KIB + FEW as u64 * (BUFFER_KIB + BEYOND_KIB),
        cpu: QUIET,
        counted: waits,
        ..Attack::PLAIN
    },
    Attack {
        name: "messages that are never finished",
        terms: Terms { memory: MEMORY, ..Terms::DEFAULT },
        act: never_finish,
        connections: MANY + GUESTS,
        grown_kib: SLACK_KIB + (MEMORY as u64 >> 10) + MANY as u64 * BEYOND_KIB,
        // It is no offence to have begun a message: they stay, unless others wait for their turn to finish.
        counted: |tally, _| tally.count("pipes") + tally.count("message_too_slow") > MANY as u64,
        ..Attack::PLAIN
    },
    Attack {
        name: "all of the memory",
        post: Post::HeapApart,
        terms: Terms { memory: MEMORY, ..Terms::DEFAULT },
        act: |field| pour(field, MANY / 4),
        connections: MANY / 4 + GUESTS,
        grown_kib: SLACK_KIB + (MEMORY as u64 >> 10) + MANY as u64 / 4 * BEYOND_KIB,
        cpu: QUIET,
        counted: waits,
        ..Attack::PLAIN
    },
    Attack {
        name: "leaving work behind",
        post: Post::HeapApart,
        terms: Terms { memory: MEMORY, ..Terms::DEFAULT },
        act: leave_behind,
        // Who has left stays a connection until what it sent is read.
        connections: Terms::DEFAULT.connections + GUESTS,
        grown_kib: SLACK_KIB + (MEMORY as u64 >> 10) + MANY as u64 / 4 * BEYOND_KIB,
        counted: |tally, made| made > 0 && tally.count("received") > 0,
        ..Attack::PLAIN
    },
];

/// What was sent is no offence either, and is not lost: what has come waits, to the last message, and the rest is with the system.
fn waits(tally: &Tally, made: u64) -> bool {
    let waiting = tally.count("recv_queue");
    (1..=made).contains(&waiting) && tally.count("received") == waiting
}

/// They greet, and read nothing.
fn take_nothing(field: &Field, count: usize, number: u16) -> Made {
    let held = field.crowd(count, number);
    field.begin();
    field.wait();
    Made { count: 0, held }
}

/// Somebody who says a message of which the bytes do not matter.
struct Flood {
    peer: Peer,
    said: usize,
}

impl Flood {
    fn new(peer: Peer) -> Self {
        Self { peer, said: 0 }
    }

    /// How many bytes of it are taken now; nothing when the connection has ended.
    fn go_on(&mut self, bytes: &[u8]) -> Option<usize> {
        let taken = self.peer.try_offer(&bytes[self.said..])?;
        self.said += taken;
        Some(taken)
    }

    /// The same; with the last byte it begins again.
    fn over_again(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.said == bytes.len() {
            self.said = 0;
        }
        self.go_on(bytes)
    }
}

/// Those who flood, and what they say.
struct Press {
    number: u16,
    floods: Vec<Flood>,
    frame: Vec<u8>,
}

impl Press {
    fn of(field: &Field, count: usize, number: u16, payload: &[u8]) -> Self {
        let floods: Vec<Flood> = field.crowd(count, number).into_iter().map(Flood::new).collect();
        let frame = floods[0].peer.frame(payload);
        Self { number, floods, frame }
    }

    /// How many bytes were taken in one round. One that was shut out comes again.
    fn round(&mut self, field: &Field, go_on: fn(&mut Flood, &[u8]) -> Option<usize>) -> usize {
        let mut bytes = 0;
        for flood in &mut self.floods {
            if let Some(taken) = go_on(flood, &self.frame) {
                bytes += taken;
            } else {
                *flood = Flood::new(field.greeted(self.number));
                field.after(MILLISECOND);
            }
        }
        bytes
    }

    /// They send until nothing has been taken from any of them for a while; then it begins, and they go on until it is enough.
    fn go_on(mut self, field: &Field, go_on: fn(&mut Flood, &[u8]) -> Option<usize>) -> Made {
        let mut bytes = 0;
        let mut last = now();
        while field.goes_on() {
            let taken = self.round(field, go_on);
            bytes += taken;
            if taken > 0 {
                last = now();
                continue;
            }
            if last.elapsed() > STALLED {
                field.begin();
            }
            field.after(MILLISECOND);
        }
        let count = (bytes / self.frame.len()) as u64;
        Made { count, held: self.floods.into_iter().map(|flood| flood.peer).collect() }
    }
}

/// Work that nobody takes, as much as there is room for.
fn pour(field: &Field, count: usize) -> Made {
    Press::of(field, count, PUSH, &vec![7; 60_000]).go_on(field, Flood::over_again)
}

/// One after the other sends a little work that nobody takes, and leaves. What they sent stays.
fn leave_behind(field: &Field) -> Made {
    const LITTLE: usize = 2 << 20;
    field.begin();
    let mut count = 0;
    while field.after(MILLISECOND) {
        let peer = field.greeted(PUSH);
        let frame = peer.frame(&vec![7; 60_000]);
        let mut flood = Flood::new(peer);
        let (mut bytes, mut last) = (0, now());
        while bytes < LITTLE && last.elapsed() < STALLED {
            match flood.over_again(&frame) {
                None => break,
                Some(0) => wait(MILLISECOND),
                Some(taken) => (bytes, last) = (bytes + taken, now()),
            }
        }
        count += 1;
    }
    Made { count, held: Vec::new() }
}

/// Messages of which but the last byte is missing.
fn never_finish(field: &Field) -> Made {
    let mut press = Press::of(field, MANY, REQ, &vec![0x80; 1 << 20]);
    press.frame.pop();
    press.go_on(field, |flood, frame| if flood.said < frame.len() { flood.go_on(frame) } else { Some(0) })
}

/// Requests as fast as they are taken, and the answers stay where they are.
fn ask_and_take_nothing(field: &Field) -> Made {
    // It never stalls, because somebody serves them.
    field.begin();
    let request = [header(&[END]), vec![7; 30_000]].concat();
    Press::of(field, FEW, REQ, &request).go_on(field, Flood::over_again)
}
