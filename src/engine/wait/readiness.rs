//! Readiness signals: they tell observers that do not wait in a call, such as an event loop or a poller, whether a call is worth
//! a try.
//!
//! A signal is set or cleared under the socket's lock. What the observer does about it, a system call for instance, is done after
//! unlocking. Several threads may be on their way there, and the one that changed the signal last is not the last to arrive.
//! So no thread reports its own change: each reports the latest.
//!
//! An event loop may look for edges only, so a signal that was cleared and set again is reported as cleared and set, even if both
//! happened before any thread came to report the first.

use std::fmt;
use std::sync::Arc;

use super::sys::sync::Mutex;

/// What is told of a signal.
pub(crate) trait ReadinessObserver: fmt::Debug + Send + Sync {
    /// Called with `true` and `false` by turns, under a lock of the signal's own.
    fn changed(&self, ready: bool);
}

/// One signal and its observer.
#[derive(Debug)]
pub(crate) struct ReadinessSignal {
    latest: Mutex<State>,
    reported: Mutex<State>,
    observer: Box<dyn ReadinessObserver>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    ready: bool,
    /// How often it has been set.
    times: u64,
}

impl ReadinessSignal {
    /// A signal that is clear.
    pub(crate) fn new(observer: Box<dyn ReadinessObserver>) -> Self {
        Self { latest: Mutex::new(State::default()), reported: Mutex::new(State::default()), observer }
    }

    /// Sets or clears it, under the socket's lock. To be called where this is a change, and followed by
    /// [`report`](Self::report) after unlocking.
    pub(crate) fn change(&self, ready: bool) {
        let mut latest = self.latest.lock();
        *latest = State { ready, times: latest.times + u64::from(ready) };
    }

    /// Tells the observer the latest state.
    pub(crate) fn report(&self) {
        let mut reported = self.reported.lock();
        let latest = *self.latest.lock();
        if latest == *reported {
            return;
        }
        if reported.ready {
            self.observer.changed(false);
        }
        if latest.ready {
            self.observer.changed(true);
        }
        *reported = latest;
    }
}

/// The signals of one socket. Plain data, guarded by the socket's lock. Most sockets have none.
#[derive(Debug)]
pub(super) struct ReadinessSignals<W>(Vec<Subscribed<W>>);

#[derive(Debug)]
struct Subscribed<W> {
    want: W,
    ticket: u64,
    ready: bool,
    signal: Arc<ReadinessSignal>,
}

impl<W: Copy + Eq> ReadinessSignals<W> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a signal that is clear.
    pub(super) fn subscribe(&mut self, want: W, ticket: u64, signal: Arc<ReadinessSignal>) {
        self.0.push(Subscribed { want, ticket, ready: false, signal });
    }

    pub(super) fn unsubscribe(&mut self, ticket: u64) {
        self.0.retain(|subscribed| subscribed.ticket != ticket);
    }

    pub(super) fn is_set(&self, ticket: u64) -> bool {
        self.0.iter().any(|subscribed| subscribed.ticket == ticket && subscribed.ready)
    }

    /// Whether a signal for `want` is clear: its observer has found nothing, and waits.
    pub(super) fn any_is_clear(&self, want: W) -> bool {
        self.0.iter().any(|subscribed| subscribed.want == want && !subscribed.ready)
    }

    /// Sets those that are for `want`, or all. Yields the ones that were clear.
    pub(super) fn set(&mut self, want: Option<W>) -> impl Iterator<Item = Arc<ReadinessSignal>> + '_ {
        let meant =
            self.0.iter_mut().filter(move |subscribed| want.is_none_or(|want| subscribed.want == want));
        meant.filter(|subscribed| !subscribed.ready).map(|subscribed| subscribed.change(true))
    }

    /// Clears those that are for `want`. Yields all of them, for the thread that cleared one before may not have reported that yet,
    /// and an observer that finds nothing must see its signal clear.
    pub(super) fn clear(&mut self, want: W) -> impl Iterator<Item = Arc<ReadinessSignal>> + '_ {
        let meant = self.0.iter_mut().filter(move |subscribed| subscribed.want == want);
        meant.map(|subscribed| subscribed.change(false))
    }
}

impl<W> Subscribed<W> {
    fn change(&mut self, ready: bool) -> Arc<ReadinessSignal> {
        if self.ready != ready {
            self.ready = ready;
            self.signal.change(ready);
        }
        Arc::clone(&self.signal)
    }
}
