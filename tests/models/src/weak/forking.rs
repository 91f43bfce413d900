//! What each process has once, where two threads of a forked child come for it at once.

use std::cell::Cell;
use std::ptr;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use loom::thread;

use super::sys::per_process::PerProcess;

thread_local! {
    /// How many forks there were. Loom's threads are one of the system's.
    static FORKS: Cell<u32> = const { Cell::new(0) };
}

/// Stands in for the engine's `fork`.
pub(crate) fn generation() -> u32 {
    FORKS.get()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The child takes itself for its parent.
    ForksInSecret,
}

/// Says in which process it was made, once it is whole.
#[derive(Debug)]
struct Thing(AtomicUsize);

const PARENTS: usize = 1;
const CHILDS: usize = 2;

impl Thing {
    fn make() -> Self {
        let thing = Self(AtomicUsize::new(0));
        thing.0.store(if generation() == 0 { PARENTS } else { CHILDS }, Ordering::Relaxed);
        thing
    }

    /// What it says, and its place, by which it is known.
    fn look(&self) -> (usize, usize) {
        (self.0.load(Ordering::Relaxed), ptr::from_ref(self).addr())
    }
}

pub(crate) fn two_threads_of_a_child_come_at_once(fault: Fault) {
    FORKS.set(0);
    let things = Arc::new(PerProcess::starting_with(AtomicPtr::new(ptr::null_mut()), Thing::make));
    things.get();
    FORKS.set(u32::from(fault != Fault::ForksInSecret));
    let other = Arc::clone(&things);
    let first = thread::spawn(move || other.get().look());
    let (made, mine) = things.get().look();
    let (others, theirs) = first.join().expect("it ends");
    assert!(made != 0 && others != 0, "it is half made");
    assert_eq!((made, others), (CHILDS, CHILDS), "it is that of another process");
    assert_eq!(mine, theirs, "there are two");
}
