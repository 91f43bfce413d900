//! A poller's queue of sockets that may be ready.
//!
//! What may be ready is queued once, at the end. One thread pops the first, checks it, and pushes it again if it was ready. So
//! none is given twice before each other that is ready was given once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::readiness::ReadinessObserver;
use super::sys::sync::{Mutex, Parker};

/// The queue, shared by the one thread that pops and those that push.
#[derive(Debug, Default)]
pub(crate) struct ReadyQueue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    queued: VecDeque<u64>,
    /// The thread sleeps, or is about to.
    waiting: Option<Parker>,
}

impl ReadyQueue {
    /// This entry may be ready.
    pub(crate) fn push(&self, entry: u64) {
        let mut state = self.0.lock();
        if !state.queued.contains(&entry) {
            state.queued.push_back(entry);
        }
        let waiting = state.waiting.take();
        drop(state);
        if let Some(thread) = waiting {
            thread.unpark();
        }
    }

    /// This entry is gone.
    pub(crate) fn remove(&self, entry: u64) {
        self.0.lock().queued.retain(|queued| *queued != entry);
    }

    /// Takes the first. Where the queue is empty the caller is going to [`sleep`](Self::sleep).
    pub(crate) fn pop(&self) -> Option<u64> {
        let mut state = self.0.lock();
        let first = state.queued.pop_front();
        state.waiting = first.is_none().then(Parker::current);
        first
    }

    /// Sleeps until an entry is pushed, the limit is over, or for no reason. To be called after `pop` gave nothing.
    pub(crate) fn sleep(limit: Option<Duration>) {
        Parker::current().park(limit);
    }
}

/// One entry of a ready queue, as the observer of its socket's readiness.
#[derive(Debug)]
pub(crate) struct ReadyEntry {
    pub(crate) queue: Arc<ReadyQueue>,
    pub(crate) entry: u64,
}

impl ReadinessObserver for ReadyEntry {
    fn changed(&self, ready: bool) {
        // An entry that is ready no more stays queued; the poller finds that out when it checks it.
        if ready {
            self.queue.push(self.entry);
        }
    }
}
