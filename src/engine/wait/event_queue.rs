//! The queue of one monitor: bounded, never waited for by who puts something in, and slept on by who takes.
//!
//! A sleeper leaves its parker under the same lock in which it found nothing, and whoever puts something in takes all parkers
//! out under that lock and wakes them when it has let go of every other; so no event lies there while somebody sleeps. A task
//! would leave its waker where a thread leaves its parker.

use std::collections::VecDeque;

use super::block_on::Deadline;
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
    sleepers: Vec<(u64, Parker)>,
    next_sleeper: u64,
}

/// What is first in the queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<E> {
    Event(E),
    /// So many were dropped in this place.
    Lost(u64),
    /// There is nothing and there will be nothing.
    Over,
}

impl<E> EventQueue<E> {
    /// An empty queue of at most so many events, and at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        let inside = Inside {
            events: VecDeque::new(),
            capacity: capacity.max(1),
            lost: 0,
            ended: false,
            sleepers: Vec::new(),
            next_sleeper: 0,
        };
        Self { inside: Mutex::new(inside) }
    }

    /// Puts an event in, in place of the oldest where there is no room. Whom to wake.
    #[must_use]
    pub(crate) fn put(&self, event: E) -> Vec<Parker> {
        let mut inside = self.inside.lock();
        if inside.ended {
            return Vec::new();
        }
        if inside.events.len() >= inside.capacity {
            inside.events.pop_front();
            inside.lost += 1;
        }
        inside.events.push_back(event);
        inside.take_sleepers()
    }

    /// What is there can still be taken; nothing more will come. Whom to wake.
    #[must_use]
    pub(crate) fn end(&self) -> Vec<Parker> {
        let mut inside = self.inside.lock();
        inside.ended = true;
        inside.take_sleepers()
    }

    /// What is there now.
    pub(crate) fn try_take(&self) -> Option<Next<E>> {
        self.inside.lock().take()
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
            let me = inside.enlist(parker.clone());
            drop(inside);
            parker.park(left);
            inside = self.inside.lock();
            inside.sleepers.retain(|(number, _)| *number != me);
        }
    }
}

impl<E> Inside<E> {
    fn take(&mut self) -> Option<Next<E>> {
        if self.lost > 0 {
            return Some(Next::Lost(std::mem::take(&mut self.lost)));
        }
        match self.events.pop_front() {
            Some(event) => Some(Next::Event(event)),
            None => self.ended.then_some(Next::Over),
        }
    }

    fn enlist(&mut self, parker: Parker) -> u64 {
        self.next_sleeper += 1;
        self.sleepers.push((self.next_sleeper, parker));
        self.next_sleeper
    }

    fn take_sleepers(&mut self) -> Vec<Parker> {
        self.sleepers.drain(..).map(|(_, parker)| parker).collect()
    }
}
