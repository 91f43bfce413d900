//! What each process has once, and two threads of it may ask for at the same time.
//!
//! A lock or a once-cell may be held, in the child of a fork, by a thread that is not there. So the first to come makes one and
//! publishes it, and another that came at the same time has made its own for nothing.

use std::marker::PhantomData;

use super::fork::generation;
use super::sync::{AtomicPtr, Ordering};

/// Something that each process has once. The child of a fork finds its own: that of its parent may be locked, or half changed, by
/// a thread that is not there.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    current: AtomicPtr<Own<T>>,
    make: fn() -> T,
    /// It is shared as a `T` is.
    _shared: PhantomData<Own<T>>,
}

#[derive(Debug)]
pub(crate) struct Own<T> {
    generation: u32,
    value: T,
}

impl<T> PerProcess<T> {
    /// With a null pointer. A model checker's cannot be made in a constant, so it is made elsewhere.
    pub(crate) const fn starting_with(null: AtomicPtr<Own<T>>, make: fn() -> T) -> Self {
        Self { current: null, make, _shared: PhantomData }
    }

    /// That of this process, made when it is first asked for. Nobody waits for anybody.
    #[allow(
        unsafe_code,
        reason = "a lock or a once-cell would be what this is there to avoid; see the SAFETY comment"
    )]
    pub(crate) fn get(&self) -> &T {
        let found = self.current.load(Ordering::Acquire);
        // SAFETY: it is null, or came from a box that was published by `renew` and is never freed.
        match unsafe { found.as_ref() } {
            Some(own) if own.generation == generation() => &own.value,
            _ => self.renew(found),
        }
    }

    #[cold]
    #[allow(unsafe_code, reason = "as above; see the SAFETY comments")]
    fn renew(&self, found: *mut Own<T>) -> &T {
        let new = Box::into_raw(Box::new(Own { generation: generation(), value: (self.make)() }));
        let published = self.current.compare_exchange(found, new, Ordering::AcqRel, Ordering::Acquire);
        let theirs = match published {
            Ok(_) => new,
            Err(theirs) => {
                // SAFETY: it came from the box above, and was not published.
                drop(unsafe { Box::from_raw(new) });
                theirs
            }
        };
        // SAFETY: it was published, by this thread or by another of this process, and what was published is never freed.
        unsafe { &(*theirs).value }
    }
}
