//! How much of a context's memory is taken, counted by many sockets without a lock.
//!
//! One that is refused says so under its socket's lock and then looks once more (`want`). One that gives back looks afterwards whether
//! somebody has said so (`give_back`). Both change the same counter in between, so one of the two sees the other: either there
//! is enough at the second look, or the one who gives back tells. That has every socket locked in turn, so one that was
//! refused is found.

use super::sys::sync::{AtomicBool, AtomicUsize, Ordering};

/// What may be taken and what is.
#[derive(Debug)]
pub(crate) struct MemoryCounter {
    limit: usize,
    taken: AtomicUsize,
    /// Somebody was refused since memory was last announced.
    wanted: AtomicBool,
}

impl MemoryCounter {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, taken: AtomicUsize::new(0), wanted: AtomicBool::new(false) }
    }

    /// Whether so much more would be within the limit.
    #[inline]
    pub(crate) fn holds(&self, more: usize) -> bool {
        self.taken.load(Ordering::Relaxed).saturating_add(more) <= self.limit
    }

    /// How much is free for a socket that has taken `spare` bytes and does not use them yet.
    pub(crate) fn free_with(&self, spare: usize) -> usize {
        self.limit.saturating_add(spare).saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    /// Takes this much, whether it is there or not.
    pub(crate) fn take(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Says that somebody waits for memory. What is free must be looked at once more afterwards.
    pub(crate) fn want(&self) {
        self.wanted.store(true, Ordering::Relaxed);
        self.taken.fetch_add(0, Ordering::AcqRel);
    }

    /// Whether somebody waits for memory, and nobody has told it of any since.
    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Gives so much back. Whether somebody waits for it and is to be told, which is asked once.
    #[must_use]
    pub(crate) fn give_back(&self, bytes: usize) -> bool {
        self.taken.fetch_sub(bytes, Ordering::AcqRel);
        self.is_wanted() && self.wanted.swap(false, Ordering::Relaxed)
    }
}
