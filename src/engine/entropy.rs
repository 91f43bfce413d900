//! Randomness for what a peer should not be able to guess and for spreading retries: numbers of pipes, requests and
//! surveys, jitter.

use std::hash::{BuildHasher, RandomState};

use super::sync::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(0);

/// A number that cannot be guessed: a keyed hash (`SipHash` under a key that the system's randomness gave this process) of
/// a counter.
pub(crate) fn random() -> u64 {
    static KEY: std::sync::OnceLock<RandomState> = std::sync::OnceLock::new();
    KEY.get_or_init(RandomState::new).hash_one(CALLS.fetch_add(1, Ordering::Relaxed))
}

/// A 32-bit seed for the numbers of a pattern.
pub(crate) fn seed() -> u32 {
    // The upper half of 64 random bits always fits.
    u32::try_from(random() >> 32).unwrap_or_default()
}

/// The next number for a pipe (sp.md section 7): 31 bits, not 0, from an unpredictable start, used again only after all
/// others.
pub(crate) fn pipe_number() -> u32 {
    static NEXT: std::sync::OnceLock<AtomicU64> = std::sync::OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU64::new(u64::from(seed()))).fetch_add(1, Ordering::Relaxed);
    u32::try_from(next % 0x7fff_ffff).map_or(1, |number| number + 1)
}
