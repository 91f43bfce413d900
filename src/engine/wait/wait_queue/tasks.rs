//! Futures that wait at a socket, each with a waker.
//!
//! A task that is signalled is no longer here: that is how it knows, when it is polled again or dropped. It may be long
//! until then, so unlike a thread it holds up nobody behind it.

use std::collections::BTreeMap;
use std::task::Waker;

/// The futures that wait at one socket, by what they wait for and since when. Plain data, guarded by the socket's lock.
#[derive(Debug)]
pub(super) struct Tasks<W>(BTreeMap<(W, u64), Task>);

#[derive(Debug)]
struct Task {
    waker: Waker,
    /// The size that it lacked memory for.
    lack: usize,
}

impl<W: Copy + Ord> Tasks<W> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Becomes a waiter, or has another waker from now on; the waker that was there.
    pub(super) fn insert(&mut self, want: W, ticket: u64, waker: Waker, lack: usize) -> Option<Waker> {
        self.0.insert((want, ticket), Task { waker, lack }).map(|before| before.waker)
    }

    /// Is no waiter any more; its waker, unless it was signalled.
    pub(super) fn remove(&mut self, want: W, ticket: u64) -> Option<Waker> {
        self.0.remove(&(want, ticket)).map(|task| task.waker)
    }

    /// The ticket of the one who has waited longest for `want`, of those behind another whose lack of memory suits.
    pub(super) fn oldest(&self, want: W, after: Option<u64>, suits: impl Fn(usize) -> bool) -> Option<u64> {
        let from = after.map_or(0, |after| after + 1);
        let mut line = self.0.range((want, from)..=(want, u64::MAX));
        line.find(|(_, task)| suits(task.lack)).map(|((_, ticket), _)| *ticket)
    }

    /// Whether one who waits for `want` lacks memory.
    pub(super) fn lack(&self, want: W) -> bool {
        self.0.range((want, 0)..=(want, u64::MAX)).any(|(_, task)| task.lack > 0)
    }

    /// What those who wait here wait for.
    pub(super) fn wants(&self) -> impl Iterator<Item = W> + '_ {
        self.0.keys().map(|(want, _)| *want)
    }

    /// Takes all who wait for `want`.
    pub(super) fn take_all_of(&mut self, want: W) -> Vec<Waker> {
        let tickets: Vec<u64> = self.of(want).collect();
        tickets.into_iter().filter_map(|ticket| self.remove(want, ticket)).collect()
    }

    /// Takes all.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Waker> + use<W> {
        std::mem::take(&mut self.0).into_values().map(|task| task.waker)
    }

    fn of(&self, want: W) -> impl Iterator<Item = u64> + '_ {
        self.0.range((want, 0)..=(want, u64::MAX)).map(|((_, ticket), _)| *ticket)
    }
}
