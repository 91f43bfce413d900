//! The memory that the sockets of a context share, and who is told when some is free again.

use std::fmt;
use std::sync::Arc;

use super::counter::MemoryCounter;
use super::sys::sync::Mutex;

/// Is told when memory is free again: a background thread.
pub(crate) trait Relief: Send + Sync + fmt::Debug {
    fn memory_is_free(&self);
}

/// The budget of a context.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(super) counter: MemoryCounter,
    waiting: Mutex<Vec<Arc<dyn Relief>>>,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { counter: MemoryCounter::new(limit), waiting: Mutex::default() }
    }

    /// These are told when memory is free again.
    pub(crate) fn tell(&self, who: Vec<Arc<dyn Relief>>) {
        *self.waiting.lock() = who;
    }

    /// There is memory again: whoever was refused looks whether it is enough.
    pub(crate) fn announce(&self) {
        for who in &*self.waiting.lock() {
            who.memory_is_free();
        }
    }
}
