//! Stands in for the engine's `sync`, on the model checker's primitives.

use std::ops::{Deref, DerefMut};
use std::task::Waker;
use std::time::Duration;

use shuttle::sync::Arc;
pub(crate) use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::thread::{self, Thread};

use crate::check::{pause, perhaps};
use crate::kernel::Bell;
pub(crate) use crate::sys::flag::Flag;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(inside: T) -> Self {
        Self(shuttle::sync::Mutex::new(inside))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        let inside = self.0.lock().unwrap_or_else(shuttle::sync::PoisonError::into_inner);
        MutexGuard { inside, mutex: self }
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let inside = self.0.try_lock().ok()?;
        Some(MutexGuard { inside, mutex: self })
    }

    /// Waits on `condition` with this lock, until `done`.
    pub(crate) fn wait_until(
        &self,
        condition: &shuttle::sync::Condvar,
        mut done: impl FnMut(&mut T) -> bool,
    ) {
        let mut inside = self.lock();
        while !done(&mut inside) {
            let again = condition.wait(inside.inside).unwrap_or_else(shuttle::sync::PoisonError::into_inner);
            inside = MutexGuard { inside: again, mutex: self };
        }
    }
}

#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    inside: shuttle::sync::MutexGuard<'a, T>,
    mutex: &'a Mutex<T>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inside
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inside
    }
}

/// Waits always have a limit, so nobody needs to be told: they end whenever they like.
#[derive(Debug, Default)]
pub(crate) struct Condvar {}

#[allow(clippy::unused_self, reason = "it stands in for one that uses itself")]
impl Condvar {
    pub(crate) fn notify_all(&self) {}

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let mutex = guard.mutex;
        drop(guard);
        pause();
        thread::yield_now();
        (mutex.lock(), perhaps())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Parker(Thread);

impl Parker {
    pub(crate) fn current() -> Self {
        Self(thread::current())
    }

    /// With a limit, which the model cannot measure, it ends whenever it likes.
    pub(crate) fn park(&self, limit: Option<Duration>) {
        debug_assert_eq!(self.0.id(), thread::current().id());
        match limit {
            Some(_) => pause(),
            None => thread::park(),
        }
    }

    pub(crate) fn unpark(&self) {
        self.0.unpark();
    }
}

pub(crate) fn wake_task(waker: Waker) {
    waker.wake();
}

#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    Flag(Flag),
    Poll(Arc<dyn Bell>),
    Parked(Parker),
}

impl Alarm {
    pub(crate) fn wake(&self) {
        match self {
            Self::Flag(flag) => flag.raise(),
            Self::Poll(bell) => bell.ring(),
            Self::Parked(parker) => parker.unpark(),
        }
    }
}
