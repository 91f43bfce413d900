//! Randomness for what a peer should not be able to guess and for spreading retries: numbers of pipes, requests and
//! surveys, jitter.

use std::hash::{BuildHasher, RandomState};

use rustix::rand::{GetRandomFlags, getrandom};

use super::fork::PerProcess;
use super::sync::{AtomicU64, Ordering};

/// Where this process's numbers come from. The child of a fork draws anew, or it would draw what its brothers do.
static SOURCE: PerProcess<Source> = PerProcess::new(Source::draw);

#[derive(Debug)]
struct Source {
    key: RandomState,
    salt: u64,
    calls: AtomicU64,
    next_pipe: AtomicU64,
}

impl Source {
    fn draw() -> Self {
        let key = RandomState::new();
        // The key is drawn once for each thread and then counted on, so the child's follows from the parent's.
        let salt = from_system().unwrap_or_else(|| key.hash_one(std::process::id()));
        let source = Self { key, salt, calls: AtomicU64::new(0), next_pipe: AtomicU64::new(0) };
        source.next_pipe.store(source.random() >> 32, Ordering::Relaxed);
        source
    }

    fn random(&self) -> u64 {
        self.key.hash_one((self.salt, self.calls.fetch_add(1, Ordering::Relaxed)))
    }
}

fn from_system() -> Option<u64> {
    let mut bytes = [0; 8];
    let count = getrandom(&mut bytes, GetRandomFlags::NONBLOCK).ok()?;
    (count == bytes.len()).then(|| u64::from_ne_bytes(bytes))
}

/// A number that cannot be guessed: a keyed hash (`SipHash` under a key that the system's randomness gave this process) of
/// a counter.
pub(crate) fn random() -> u64 {
    SOURCE.get().random()
}

/// A 32-bit seed for the numbers of a pattern.
pub(crate) fn seed() -> u32 {
    // The upper half of 64 random bits always fits.
    u32::try_from(random() >> 32).unwrap_or_default()
}

/// The next number for a pipe (sp.md section 7): 31 bits, not 0, from an unpredictable start, used again only after all
/// others.
pub(crate) fn pipe_number() -> u32 {
    let next = SOURCE.get().next_pipe.fetch_add(1, Ordering::Relaxed);
    u32::try_from(next % 0x7fff_ffff).map_or(1, |number| number + 1)
}
