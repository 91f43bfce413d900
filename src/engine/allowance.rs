//! How much of a context's memory is taken, counted by many sockets without a lock.
//!
//! Whoever is refused says so under its socket's lock, in the same step as the look here. Whoever gives back so much that there is
//! some again is told, once; it then has every socket locked in turn, so whoever was refused is found, or looks later and
//! is not refused.

use super::sync::{AtomicU32, AtomicUsize, Ordering};

/// What may be taken and what is.
#[derive(Debug)]
pub(crate) struct Allowance {
    limit: usize,
    taken: AtomicUsize,
    /// The number of the one pipe that may finish a large message although nothing is left; 0 for none.
    finishing: AtomicU32,
}

impl Allowance {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, taken: AtomicUsize::new(0), finishing: AtomicU32::new(0) }
    }

    /// Whether nothing more is to be taken.
    #[inline]
    pub(crate) fn is_exhausted(&self) -> bool {
        self.taken.load(Ordering::Acquire) > self.limit
    }

    /// Takes so much, be it there or not.
    pub(crate) fn take(&self, octets: usize) {
        self.taken.fetch_add(octets, Ordering::AcqRel);
    }

    /// Gives so much back. Whether that made an end of being exhausted.
    #[must_use]
    pub(crate) fn give_back(&self, octets: usize) -> bool {
        let before = self.taken.fetch_sub(octets, Ordering::AcqRel);
        before > self.limit && before - octets <= self.limit
    }

    /// Whether the pipe with this number may finish a large message now. Where all wait for memory that only whole messages
    /// could free, one goes on.
    pub(crate) fn may_finish(&self, number: u32) -> bool {
        self.finishing
            .compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire)
            .map_or_else(|other| other == number, |_| true)
    }

    /// The pipe with this number has finished its large message, or is gone. Whether it was the one that might, so that
    /// another may.
    #[inline]
    pub(crate) fn finished(&self, number: u32) -> bool {
        let was = self.finishing.load(Ordering::Relaxed) == number;
        if was {
            self.finishing.store(0, Ordering::Release);
        }
        was
    }

    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}
