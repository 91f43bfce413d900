//! Everything at once: four threads call everything there is on four sockets, at random, until one of them closes the
//! sockets under the others. Nothing may hang, be duplicated or come out of order.
//!
//! `HUBLESS_STRESS_SEED` repeats the round that failed; `HUBLESS_STRESS_SECONDS` makes it longer, from that seed on if both are said.

#![allow(clippy::unwrap_used, reason = "a test may, in its functions too")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hubless::{Error, Message, Pull, Push};

const THREADS: usize = 4;
const CALLS: usize = 3000;
/// A round that makes no step for so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A small generator, so that a seed repeats a run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// Mostly short, now and then long enough to sleep.
    fn pause(&mut self) -> Duration {
        match self.roll(4) {
            0 => Duration::ZERO,
            1 => Duration::from_micros(self.roll(300)),
            _ => Duration::from_millis(self.roll(4)),
        }
    }
}

/// What is in a message: the sender, its socket, and the index of the message.
fn encode(thread: usize, push: usize, sequence: u64, length: usize) -> Message {
    let mut bytes = vec![0xa5; length.max(16)];
    bytes[0] = u8::try_from(thread).unwrap();
    bytes[1] = u8::try_from(push).unwrap();
    bytes[8..16].copy_from_slice(&sequence.to_be_bytes());
    bytes.into()
}

fn decode(message: &Message) -> (usize, usize, u64) {
    assert!(message[16..].iter().all(|byte| *byte == 0xa5), "a body is corrupt: {message:?}");
    (message[0].into(), message[1].into(), u64::from_be_bytes(message[8..16].try_into().unwrap()))
}

struct Round {
    pushes: [Push; 2],
    pulls: [Pull; 2],
    /// How often each message was received.
    seen: Mutex<HashMap<(usize, usize, u64), u32>>,
    steps: AtomicU64,
    over: AtomicBool,
}

impl Round {
    fn new(address: &dyn Fn() -> String, dice: &mut Dice) -> Self {
        let buffer = [2, 10, 1000][usize::try_from(dice.roll(3)).unwrap()];
        // The calls without a timeout of their own end by that of the socket, because all threads may be in the same call.
        let patience = Duration::from_millis(30);
        let pull = || Pull::builder().recv_buffer(buffer).recv_timeout(patience).build().unwrap();
        let push = || Push::builder().send_buffer(buffer).send_timeout(patience).build().unwrap();
        let (pulls, pushes) = ([pull(), pull()], [push(), push()]);
        for pull in &pulls {
            let at = pull.listen(address()).unwrap();
            for push in &pushes {
                push.dial(at.address()).unwrap();
            }
        }
        for push in &pushes {
            push.wait_for_peers(2, PATIENCE).unwrap();
        }
        Self { pushes, pulls, seen: Mutex::default(), steps: AtomicU64::new(0), over: AtomicBool::new(false) }
    }

    fn run(&self, thread: usize, mut dice: Dice) {
        let mut sequences = [0_u64; 2];
        let mut last = HashMap::new();
        for _ in 0..CALLS {
            let socket = usize::try_from(dice.roll(2)).unwrap();
            let going_on = if dice.roll(2) == 0 {
                self.send(thread, socket, &mut sequences[socket], &mut dice)
            } else {
                self.receive(socket, &mut last, &mut dice)
            };
            self.steps.fetch_add(1, Ordering::Relaxed);
            if !going_on {
                break;
            }
        }
        // The first to be done closes everything under the others, who may be inside any call.
        if !self.over.swap(true, Ordering::SeqCst) {
            for push in &self.pushes {
                push.close(dice.pause()).unwrap();
            }
            for pull in &self.pulls {
                pull.close(dice.pause()).unwrap();
            }
        }
    }

    fn send(&self, thread: usize, socket: usize, sequence: &mut u64, dice: &mut Dice) -> bool {
        let push = &self.pushes[socket];
        let length = [16, 64, 1000, 70_000][usize::try_from(dice.roll(16).saturating_sub(12)).unwrap()];
        let message = encode(thread, socket, *sequence, length);
        let result = match dice.roll(4) {
            0 => push.try_send(message),
            1 => push.send_timeout(message, dice.pause()),
            2 => {
                let count = dice.roll(50);
                let first = *sequence;
                let batch = (0..count).map(|more| encode(thread, socket, first + more, 16));
                return match push.send_many(batch) {
                    Ok(sent) => {
                        *sequence += sent as u64;
                        true
                    }
                    Err(failed) => {
                        *sequence += count - failed.message.count() as u64;
                        matches!(failed.error, Error::Timeout { .. })
                    }
                };
            }
            // A receiver may be long in coming when all threads send, so nobody waits for ever.
            _ => push.send_timeout(message, Duration::from_millis(20)),
        };
        match result {
            Ok(()) => *sequence += 1,
            Err(failed) => match failed.error {
                Error::Full | Error::Timeout { .. } => {}
                Error::Closed => return false,
                error => panic!("an unexpected error: {error}"),
            },
        }
        true
    }

    fn receive(
        &self,
        socket: usize,
        last: &mut HashMap<(usize, usize, usize), u64>,
        dice: &mut Dice,
    ) -> bool {
        let pull = &self.pulls[socket];
        let result = match dice.roll(4) {
            0 => pull.try_recv().map(|message| vec![message]),
            1 => pull.recv_timeout(dice.pause()).map(|message| vec![message]),
            2 => pull.recv_timeout(Duration::from_millis(20)).map(|message| vec![message]),
            _ => pull.recv_many(usize::try_from(dice.roll(300)).unwrap()),
        };
        match result {
            Ok(messages) => {
                let mut seen = self.seen.lock().unwrap();
                for message in messages {
                    let (thread, push, sequence) = decode(&message);
                    *seen.entry((thread, push, sequence)).or_default() += 1;
                    let before = last.insert((socket, thread, push), sequence);
                    assert!(
                        before.is_none_or(|before| before < sequence),
                        "{sequence} came after {before:?}"
                    );
                }
                true
            }
            Err(Error::Empty | Error::Timeout { .. }) => true,
            Err(Error::Closed) => false,
            Err(error) => panic!("an unexpected error: {error}"),
        }
    }
}

/// Says the seed of a round that fails in whatever way.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SEED={} STAGE=stress (again: HUBLESS_STRESS_SEED={0})", self.0);
        }
    }
}

/// Runs a round and watches it.
fn round(address: &dyn Fn() -> String, seed: u64) {
    let _seed = Seed(seed);
    let mut dice = Dice(seed | 1);
    let round = Round::new(address, &mut dice);
    let steps = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let dice = Dice(dice.roll(u64::MAX) | 1);
                let round = &round;
                scope.spawn(move || round.run(thread, dice))
            })
            .collect();
        let mut steps = 0;
        let mut still = Duration::ZERO;
        while !threads.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            std::thread::park_timeout(Duration::from_millis(20));
            let now = round.steps.load(Ordering::Relaxed);
            still = if now == steps { still + Duration::from_millis(20) } else { Duration::ZERO };
            steps = now;
            if still > PATIENCE {
                eprintln!("SEED={seed} STAGE=stress: no step for {PATIENCE:?}");
                for (push, pull) in round.pushes.iter().zip(&round.pulls) {
                    eprintln!("{push:?} {pull:?}");
                }
                // The threads are inside the calls that hang, so there is no joining them.
                std::process::abort();
            }
        }
        steps
    });
    let received = round.seen.into_inner().unwrap();
    let twice: Vec<_> = received.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "received more than once: {twice:?}");
    println!("seed {seed}: {steps} calls, {} messages", received.len());
}

/// Rounds over this transport for the time there is, each from a seed of its own.
fn rounds(address: &dyn Fn() -> String) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, seconds) = (number("HUBLESS_STRESS_SEED"), number("HUBLESS_STRESS_SECONDS"));
    if let (Some(seed), None) = (first, seconds) {
        return round(address, seed);
    }
    #[expect(clippy::disallowed_methods, reason = "it runs for a given time")]
    let begun = std::time::Instant::now();
    let mut seed = first.unwrap_or_else(|| u64::from(std::process::id()) << 20);
    while begun.elapsed() < Duration::from_secs(seconds.unwrap_or(2)) {
        round(address, seed);
        seed += 7919;
    }
}

#[test]
fn nothing_hangs_over_tcp() {
    rounds(&|| "tcp://127.0.0.1:0".into());
}

#[test]
fn nothing_hangs_over_ipc() {
    let folder = tempfile::tempdir().unwrap();
    let count = AtomicU64::new(0);
    rounds(&|| format!("ipc://{}/{}", folder.path().display(), count.fetch_add(1, Ordering::Relaxed)));
}

#[test]
fn nothing_hangs_over_inproc() {
    let count = AtomicU64::new(0);
    rounds(&|| format!("inproc://stress-{}", count.fetch_add(1, Ordering::Relaxed)));
}
