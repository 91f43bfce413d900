//! Whose turn it is among several that may be ready.
//!
//! Whoever may be ready is listed once, at the end; one thread takes the first, judges it, and lists it again if it was
//! right. So nobody has two turns before another has one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::lamp::Show;
use super::sys::sync::{Mutex, Parker};

/// The list, shared by the one thread that takes turns and those who list.
#[derive(Debug, Default)]
pub(crate) struct Rota(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    listed: VecDeque<u64>,
    /// Sleeps, or is about to.
    waiting: Option<Parker>,
}

impl Rota {
    /// This one may be ready.
    pub(crate) fn list(&self, entry: u64) {
        let mut state = self.0.lock();
        if !state.listed.contains(&entry) {
            state.listed.push_back(entry);
        }
        let waiting = state.waiting.take();
        drop(state);
        if let Some(thread) = waiting {
            thread.unpark();
        }
    }

    /// This one is no more.
    pub(crate) fn strike(&self, entry: u64) {
        self.0.lock().listed.retain(|listed| *listed != entry);
    }

    /// Takes the first off the list. With nobody listed the caller is going to [`sleep`](Self::sleep).
    pub(crate) fn take(&self) -> Option<u64> {
        let mut state = self.0.lock();
        let first = state.listed.pop_front();
        state.waiting = first.is_none().then(Parker::current);
        first
    }

    /// Sleeps until somebody is listed, or the limit is over, or for no reason. Called by who took nothing.
    pub(crate) fn sleep(limit: Option<Duration>) {
        Parker::current().park(limit);
    }
}

/// One entry of a rota, as its lamp.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) rota: Arc<Rota>,
    pub(crate) entry: u64,
}

impl Show for Listing {
    fn show(&self, lit: bool) {
        // One that is put out stays listed, and is found not to be ready.
        if lit {
            self.rota.list(self.entry);
        }
    }
}
