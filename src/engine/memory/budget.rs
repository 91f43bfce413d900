//! The memory that the sockets of a context share, and who is told when some is free again.

use std::fmt;
use std::sync::Arc;

use super::counter::MemoryCounter;
use super::sys::sync::{AtomicUsize, Mutex, Ordering};

/// Is told when memory is free again: a background thread.
pub(crate) trait Relief: Send + Sync + fmt::Debug {
    fn memory_is_free(&self);
}

/// The budget of a context.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(super) counter: MemoryCounter,
    /// Of that, the reserves of pipes, and the most they may be together.
    aside: AtomicUsize,
    most_aside: usize,
    waiting: Mutex<Vec<Arc<dyn Relief>>>,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            counter: MemoryCounter::new(limit),
            aside: AtomicUsize::new(0),
            most_aside: limit / 2,
            waiting: Mutex::default(),
        }
    }

    /// How much a socket that had `before` set aside for its pipes may set aside now, where it wants so much.
    pub(super) fn set_aside(&self, before: usize, wanted: usize) -> usize {
        let mut granted = 0;
        let _ = self.aside.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |all| {
            let others = all.saturating_sub(before);
            granted = wanted.min(self.most_aside.saturating_sub(others));
            Some(others + granted)
        });
        granted
    }

    /// These are told when memory is free again.
    pub(crate) fn tell(&self, who: Vec<Arc<dyn Relief>>) {
        *self.waiting.lock() = who;
    }

    /// There is memory again: those that were refused look whether it is enough.
    pub(crate) fn announce(&self) {
        for who in &*self.waiting.lock() {
            who.memory_is_free();
        }
    }
}
