//! The queue of one monitor: bounded, never waited for by who puts something in, and waited on by who takes: threads, futures and
//! observers of a readiness signal.
//!
//! A thread leaves its parker, and a future its waker, under the same lock in which it found nothing, and one that puts something in
//! takes all of them out under that lock and wakes them when it has let go of every other; so no event lies there while somebody
//! waits. All are woken, so one that has gone meanwhile took no wake from another. A signal is cleared under the lock in which
//! nothing was found, and set under that in which something is put in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::block_on::Deadline;
use super::deferred_wakeups::Wake;
use super::readiness::{ReadinessSignal, ReadinessSignals};
use super::sys::sync::{Mutex, Parker};

/// Events that wait to be taken.
#[derive(Debug)]
pub(crate) struct EventQueue<E> {
    inside: Mutex<Inside<E>>,
}

#[derive(Debug)]
struct Inside<E> {
    events: VecDeque<E>,
    capacity: usize,
    /// Dropped in front of the oldest.
    lost: u64,
    /// Nothing more will come.
    ended: bool,
    waiters: Vec<(u64, Wake)>,
    signals: ReadinessSignals<()>,
    /// The number of the next waiter or signal.
    next: u64,
}

/// What is first in the queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<E> {
    Event(E),
    /// How many were dropped in this place.
    Lost(u64),
    /// There is nothing and there will be nothing.
    Over,
}

/// The number of a future among those who wait, kept from one poll to the next.
#[derive(Debug, Default)]
pub(crate) struct EventSlot(Option<u64>);

impl<E> EventQueue<E> {
    /// An empty queue of at most this many events, and at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        let inside = Inside {
            events: VecDeque::new(),
            capacity: capacity.max(1),
            lost: 0,
            ended: false,
            waiters: Vec::new(),
            signals: ReadinessSignals::new(),
            next: 0,
        };
        Self { inside: Mutex::new(inside) }
    }

    /// Puts an event in, in place of the oldest where there is no room. Whom to wake.
    #[must_use]
    pub(crate) fn put(&self, event: E) -> Vec<Wake> {
        let mut inside = self.inside.lock();
        if inside.ended {
            return Vec::new();
        }
        if inside.events.len() >= inside.capacity {
            inside.events.pop_front();
            inside.lost += 1;
        }
        inside.events.push_back(event);
        inside.wake_all()
    }

    /// What is there can still be taken; nothing more will come. Whom to wake.
    #[must_use]
    pub(crate) fn end(&self) -> Vec<Wake> {
        let mut inside = self.inside.lock();
        inside.ended = true;
        inside.wake_all()
    }

    /// What is there now. If nothing is, the signals are clear when this returns.
    pub(crate) fn try_take(&self) -> Option<Next<E>> {
        let mut inside = self.inside.lock();
        let next = inside.take();
        let cleared = if next.is_none() { inside.clear() } else { Vec::new() };
        drop(inside);
        for signal in &cleared {
            signal.report();
        }
        next
    }

    /// What comes next, waiting for it until the deadline.
    pub(crate) fn take(&self, deadline: &impl Deadline) -> Option<Next<E>> {
        let mut inside = self.inside.lock();
        loop {
            let next = inside.take();
            let left = deadline.left();
            if next.is_some() || left.is_some_and(|left| left.is_zero()) {
                return next;
            }
            let parker = Parker::current();
            let me = inside.enlist(Wake::Thread(parker.clone()));
            drop(inside);
            parker.park(left);
            inside = self.inside.lock();
            inside.strike(me);
        }
    }

    /// What is there now; if nothing is, `waker` is woken when something comes.
    pub(crate) fn poll_take(&self, slot: &mut EventSlot, waker: &Waker) -> Option<Next<E>> {
        // Cloning and dropping a waker runs code of the user's, so that is done without the lock.
        let waker = waker.clone();
        let mut inside = self.inside.lock();
        let spent = slot.0.take().and_then(|number| inside.strike(number));
        let next = inside.take();
        let unused = if next.is_some() {
            Some(waker)
        } else {
            slot.0 = Some(inside.enlist(Wake::Task(waker)));
            None
        };
        drop(inside);
        drop((spent, unused));
        next
    }

    /// A future is dropped that may wait here.
    pub(crate) fn leave(&self, slot: &mut EventSlot) {
        if let Some(number) = slot.0.take() {
            let spent = self.inside.lock().strike(number);
            drop(spent);
        }
    }

    /// From now on this signal is set while something is there; its number.
    pub(crate) fn subscribe(&self, signal: Arc<ReadinessSignal>) -> u64 {
        let mut inside = self.inside.lock();
        let number = inside.number();
        inside.signals.subscribe((), number, signal);
        let set: Vec<_> = if inside.has_some() { inside.signals.set(None).collect() } else { Vec::new() };
        drop(inside);
        for signal in &set {
            signal.report();
        }
        number
    }

    pub(crate) fn unsubscribe(&self, number: u64) {
        self.inside.lock().signals.unsubscribe(number);
    }

    /// Whether something is there. If not, the signals are cleared.
    pub(crate) fn is_ready(&self) -> bool {
        let mut inside = self.inside.lock();
        let ready = inside.has_some();
        let cleared = if ready { Vec::new() } else { inside.clear() };
        drop(inside);
        for signal in &cleared {
            signal.report();
        }
        ready
    }
}

impl<E> Inside<E> {
    fn has_some(&self) -> bool {
        self.lost > 0 || !self.events.is_empty() || self.ended
    }

    fn take(&mut self) -> Option<Next<E>> {
        if self.lost > 0 {
            return Some(Next::Lost(std::mem::take(&mut self.lost)));
        }
        match self.events.pop_front() {
            Some(event) => Some(Next::Event(event)),
            None => self.ended.then_some(Next::Over),
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn enlist(&mut self, waiter: Wake) -> u64 {
        let number = self.number();
        self.waiters.push((number, waiter));
        number
    }

    /// Waits no longer; what would have woken it, to be dropped without the lock.
    fn strike(&mut self, number: u64) -> Option<Wake> {
        let index = self.waiters.iter().position(|(other, _)| *other == number)?;
        Some(self.waiters.swap_remove(index).1)
    }

    fn clear(&mut self) -> Vec<Arc<ReadinessSignal>> {
        self.signals.clear(()).collect()
    }

    fn wake_all(&mut self) -> Vec<Wake> {
        let waiters = self.waiters.drain(..).map(|(_, waiter)| waiter);
        waiters.chain(self.signals.set(None).map(Wake::Observer)).collect()
    }
}
