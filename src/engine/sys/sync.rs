//! The only place that takes locks, atomics, threads and wakers from the system. The files that hold the concurrency protocols
//! import nothing else, so that a model checker can be put in its place (see `tests/models/`).

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::Duration;

pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
pub(super) use std::thread::yield_now;

use hubless_transport::PutOff;

use super::catch_panic::catch_panic;
use super::event_loop_waker::EventLoopWaker;
pub(crate) use super::flag::Flag;
use super::fork;
pub(crate) use super::lock_order::Rank;
use super::lock_order::{Held, Place};
use super::logging::{Level, log_line};
use super::signals::Blocked;

/// A lock without poisoning: a panic in one step must not make every later call panic too.
pub(crate) struct Mutex<T> {
    place: Place,
    inside: std::sync::Mutex<T>,
}

impl<T> Mutex<T> {
    /// A leaf in the order of locks.
    pub(crate) const fn new(inside: T) -> Self {
        Self::ranked(Rank::Leaf, inside)
    }

    pub(crate) const fn ranked(rank: Rank, inside: T) -> Self {
        Self { place: Place::of(rank), inside: std::sync::Mutex::new(inside) }
    }

    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.place.assert_turn();
        self.lock_unshared()
    }

    /// Locks, whatever the order, what nobody else can know yet.
    #[inline]
    pub(crate) fn lock_unshared(&self) -> MutexGuard<'_, T> {
        self.guard(self.inside.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The lock, unless another thread has it. To try waits for nobody, so the order does not matter.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.inside.try_lock() {
            Ok(inside) => Some(self.guard(inside)),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(self.guard(poisoned.into_inner())),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }

    #[inline]
    fn guard<'a>(&'a self, inside: std::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { inside, held: Held::at(&self.place), put_off: PutOff::begin() }
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

/// A lock that is held.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    inside: std::sync::MutexGuard<'a, T>,
    held: Held,
    /// Last, so that what was to be dropped meanwhile is dropped when the lock is released.
    put_off: PutOff,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inside
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inside
    }
}

/// Where threads wait for a change of what a lock guards. A wait may end for no reason.
#[derive(Debug, Default)]
pub(crate) struct Condvar(std::sync::Condvar);

impl Condvar {
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    /// Unlocks, waits, and locks again. Whether the time was over.
    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let MutexGuard { inside, held, put_off } = guard;
        let (inside, waited) = self.0.wait_timeout(inside, limit).unwrap_or_else(PoisonError::into_inner);
        (MutexGuard { inside, held, put_off }, waited.timed_out())
    }
}

/// Starts a thread of this name, which takes no signals of the program's.
pub(crate) fn start_thread(name: String, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let _born_deaf = Blocked::here();
    if fork::generation() > 0 {
        return start_in_child(name, run);
    }
    std::thread::Builder::new().name(name).spawn(run).map(drop)
}

/// How long a thread may take to begin in the child of a fork.
const BEGINS: Duration = Duration::from_secs(5);

/// The standard library takes a lock when a thread begins or ends. Where the process was forked at such a moment, the child has that
/// lock for ever and no thread begins: an error says so, where a call would wait without end.
#[cold]
fn start_in_child(name: String, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let begun = Arc::new((Mutex::new(false), Condvar::default()));
    let there = Arc::clone(&begun);
    std::thread::Builder::new().name(name).spawn(move || {
        *there.0.lock() = true;
        there.1.notify_all();
        drop(there);
        run();
    })?;
    let mut guard = begun.0.lock();
    let mut late = false;
    while !*guard && !late {
        (guard, late) = begun.1.wait_timeout(guard, BEGINS);
    }
    if *guard {
        return Ok(());
    }
    let why = "it does not begin: the process was forked while another thread of it began or ended";
    Err(std::io::Error::new(std::io::ErrorKind::TimedOut, why))
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
    Held::assert_no_socket();
    if catch_panic(|| waker.wake()).is_err() {
        log_line!(Level::Error, "the waker of a future panicked");
    }
}

/// That a sleeping driver cannot be woken was logged.
static UNHEARD: AtomicBool = AtomicBool::new(false);

/// What wakes the driver of a socket out of its sleep.
#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    /// It is not yet asleep, but looks at this.
    Flag(Flag),
    /// It sleeps in the socket's event loop.
    Poll(Arc<EventLoopWaker>),
    /// It sleeps without one, because the socket has no descriptors yet.
    Parked(Parker),
}

impl Alarm {
    pub(crate) fn wake(&self) {
        match self {
            Self::Flag(flag) => flag.raise(),
            Self::Poll(waker) => {
                if let Err(error) = waker.wake()
                    && !UNHEARD.swap(true, Ordering::Relaxed)
                {
                    log_line!(
                        Level::Error,
                        "a call that waits cannot be woken, and may wait for seconds: {error}"
                    );
                }
            }
            Self::Parked(parker) => parker.unpark(),
        }
    }
}
