//! The only place that takes locks, threads and wakers from the system. The files that hold the concurrency protocols
//! import nothing else, so that a model checker can be put in its place (see `models/`).

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::Duration;

pub(crate) use std::sync::MutexGuard;

/// A lock without poisoning: a panic in one step must not make every later call panic too.
#[derive(Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(inside: T) -> Self {
        Self(std::sync::Mutex::new(inside))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, unless somebody has it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

/// A thread that can be put to sleep and woken. A wake before the sleep is not lost; a sleep may end without a wake.
#[derive(Clone, Debug)]
pub(crate) struct Parker(std::thread::Thread);

impl Parker {
    /// The calling thread.
    pub(crate) fn current() -> Self {
        Self(std::thread::current())
    }

    /// Puts the calling thread, which must be this one, to sleep.
    pub(crate) fn park(&self, limit: Option<Duration>) {
        debug_assert_eq!(self.0.id(), std::thread::current().id());
        match limit {
            Some(limit) => std::thread::park_timeout(limit),
            None => std::thread::park(),
        }
    }

    pub(crate) fn unpark(&self) {
        self.0.unpark();
    }
}

/// Wakes a future. The waker is the user's code: if it panics, that must harm nobody else who is to be woken.
pub(crate) fn wake_task(waker: Waker) {
    if catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err() {
        log::error!("the waker of a future panicked");
    }
}

/// A flag that somebody looks at again and again. Raised, it stays so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What wakes the driver of a socket out of its sleep.
#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    /// It is not yet asleep, but looks at this.
    Flag(Flag),
    /// It sleeps in the socket's event loop.
    Poll(Arc<mio::Waker>),
    /// It sleeps without one, because the socket has no descriptors yet.
    Parked(Parker),
}

impl Alarm {
    pub(crate) fn ring(&self) {
        match self {
            Self::Flag(flag) => flag.raise(),
            Self::Poll(waker) => {
                if let Err(error) = waker.wake() {
                    log::error!("the waker of a socket failed: {error}");
                }
            }
            Self::Parked(parker) => parker.unpark(),
        }
    }
}
