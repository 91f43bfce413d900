//! Stands in for the engine's `sync`, on loom's primitives.

use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::Duration;

pub(crate) use loom::sync::MutexGuard;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};
use loom::thread;

/// Turns that everybody else has before a wait is given up: the others have ended by then, or wait as well.
const TURNS: usize = 10;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(inside: T) -> Self {
        Self(loom::sync::Mutex::new(inside))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `done`; whether it ever is. Not on a condition, because loom ends the process where all wait.
    #[must_use]
    pub(crate) fn wait_until(&self, mut done: impl FnMut(&mut T) -> bool) -> bool {
        for _ in 0..TURNS {
            if done(&mut self.lock()) {
                return true;
            }
            thread::yield_now();
        }
        false
    }
}

/// Loom's own `unpark` also wakes who waits for a lock. The count is not loom's, because a thread's own things outlive a model that fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parker(Arc<Mutex<bool>>);

loom::thread_local! {
    static PARKER: Parker = Parker::default();
}

impl Parker {
    pub(crate) fn current() -> Self {
        PARKER.with(Self::clone)
    }

    /// For the first thread of a model only: loom ends the process where another one panics.
    pub(crate) fn park(&self, limit: Option<Duration>) {
        assert_eq!(limit, None, "there is no time in these models");
        assert!(self.0.wait_until(std::mem::take), "somebody waits for ever");
    }

    pub(crate) fn unpark(&self) {
        *self.0.lock() = true;
    }
}

pub(crate) fn wake_task(waker: Waker) {
    waker.wake();
}

/// A flag that a wake-up raises, of either form.
pub(crate) trait Raise {
    fn raise(&self);
}

#[derive(Clone, Debug)]
pub(crate) enum Alarm<F> {
    Flag(F),
    Parked(Parker),
}

impl<F: Raise> Alarm<F> {
    pub(crate) fn wake(&self) {
        match self {
            Self::Flag(flag) => flag.raise(),
            Self::Parked(parker) => parker.unpark(),
        }
    }
}
