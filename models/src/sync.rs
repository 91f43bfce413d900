//! Stands in for the engine's `sync`, on the model checker's primitives.

use std::task::Waker;
use std::time::Duration;

use shuttle::sync::Arc;
pub(crate) use shuttle::sync::MutexGuard;
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::thread::{self, Thread};

use crate::check::pause;
use crate::kernel::Bell;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(inside: T) -> Self {
        Self(shuttle::sync::Mutex::new(inside))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(shuttle::sync::PoisonError::into_inner)
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok()
    }

    /// Waits on `condition` with this lock, until `done`.
    pub(crate) fn wait_until(
        &self,
        condition: &shuttle::sync::Condvar,
        mut done: impl FnMut(&mut T) -> bool,
    ) {
        let mut inside = self.lock();
        while !done(&mut inside) {
            inside = condition.wait(inside).unwrap_or_else(shuttle::sync::PoisonError::into_inner);
        }
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

#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    Flag(Flag),
    Poll(Arc<dyn Bell>),
    Parked(Parker),
}

impl Alarm {
    pub(crate) fn ring(&self) {
        match self {
            Self::Flag(flag) => flag.raise(),
            Self::Poll(bell) => bell.ring(),
            Self::Parked(parker) => parker.unpark(),
        }
    }
}
