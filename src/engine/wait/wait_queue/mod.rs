//! The wait queue of a socket: everybody who waits at it, and the *seat*, the right to drive its I/O.
//!
//! The seat is the ownership of the socket's *driver*, the object with its event loop and the pipes to be read. The thread that holds it
//! polls, reads and parses for all. All of this is plain data behind the socket's one lock, so a check and the change
//! that follows from it cannot be torn apart. Wakes are only noted here; the caller makes them after unlocking.
//!
//! Invariants, checked by the models (`invariants.rs`):
//! * I1: a message is queued (or the seat is free) and somebody waits for it => somebody who will look was signalled and has
//!   not yet run, or is driving.
//! * I2: a waiter that was signalled and leaves without having used it passes it on; and so does one that waits on because there is not
//!   enough for what it has itself. The notice goes to the one that goes first, then to the driver, then along the line by
//!   tickets, so it goes round once at most.
//! * I3: the seat is free and no thread waits => the background thread serves the socket, or it was handed off and is
//!   looked at at intervals. While a future waits or an observer is subscribed the background thread serves it: a future never
//!   takes the seat, because nobody knows when it is polled again.

mod driver;
mod handoff;
mod notify;
pub(super) mod priority;
mod tasks;
mod waiters;

#[cfg(test)]
mod invariants;

use std::collections::BTreeMap;

use hubless_protocol::patterns::Time;

use super::deferred_wakeups::DeferredWakeups;
use super::readiness::ReadinessSignals;
use super::sys::sync::{Alarm, Parker};
use handoff::HandoffLooks;
use priority::Priority;
use tasks::Tasks;

#[allow(unused_imports, reason = "some models do without")]
pub(crate) use handoff::Handoff;

/// The seat and the waiters of one socket. `D` is the driver, `W` names what one can wait for.
#[derive(Debug)]
pub(crate) struct WaitQueue<D, W> {
    seat: Option<D>,
    driving: Option<Driving<W>>,
    /// The background thread serves the socket while the seat is free.
    in_background: bool,
    /// The background thread looks at the socket at intervals.
    handed_off: bool,
    /// The background thread was asked to serve the socket, and has not come yet.
    asked: bool,
    /// How often a caller took the seat.
    taken: u64,
    looks: HandoffLooks,
    /// Threads that wait.
    waiters: BTreeMap<u64, Waiter<W>>,
    /// Futures that wait.
    tasks: Tasks<W>,
    /// Those who observe readiness without waiting in a call.
    signals: ReadinessSignals<W>,
    /// Who goes first of those who wait, having been overtaken for long.
    priority: Priority<W>,
    next: u64,
    /// What the one that looked last, and found nothing, wanted, and the size that it lacked memory for: others may find something.
    /// Zero where nobody could.
    lack: Option<(W, usize)>,
    /// Threads that were signalled and have not yet run.
    signalled: usize,
    wakeups: DeferredWakeups,
}

#[derive(Debug)]
struct Driving<W> {
    /// What the driver itself waits for; nothing if it is the background thread.
    wants: Option<W>,
    /// Its ticket, once it has one.
    ticket: Option<Ticket>,
    /// The size that it lacked memory for.
    lack: usize,
    /// It was told that what it wants may be met.
    notified: bool,
    /// How to wake it, while it sleeps.
    alarm: Option<Alarm>,
}

#[derive(Debug)]
struct Waiter<W> {
    want: W,
    thread: Parker,
    signalled: bool,
    since: Option<Time>,
    /// The size that it lacked memory for.
    lack: usize,
}

/// Names a waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(pub(crate) u64);

impl<D, W: Copy + Ord> WaitQueue<D, W> {
    /// A free seat of a socket that the background thread serves.
    pub(crate) fn new(driver: D) -> Self {
        Self {
            seat: Some(driver),
            driving: None,
            in_background: true,
            handed_off: false,
            asked: false,
            taken: 0,
            looks: HandoffLooks::default(),
            waiters: BTreeMap::new(),
            tasks: Tasks::new(),
            signals: ReadinessSignals::new(),
            priority: Priority::new(),
            next: 0,
            lack: None,
            signalled: 0,
            wakeups: DeferredWakeups::default(),
        }
    }

    /// Whether anything is to be done after unlocking.
    #[inline]
    pub(crate) fn has_wakeups(&self) -> bool {
        self.wakeups.any()
    }

    /// What is to be done after unlocking, if anything.
    #[inline]
    pub(crate) fn take_wakeups(&mut self) -> Option<DeferredWakeups> {
        self.has_wakeups().then(|| std::mem::take(&mut self.wakeups))
    }
}
