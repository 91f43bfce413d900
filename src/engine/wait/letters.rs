//! The letters to a thread that may die, and whether it has.
//!
//! Whether it lives is asked before every call, so that is one load. It is marked as dead first, and then what it has not read
//! is taken out, under the lock that every letter is put in under: so a letter is either found there, and whom it is about
//! is told, or it was put in later, and then its sender sees that nobody reads.

use hubless_protocol::patterns::Time;

use super::letterbox::Letterbox;
use super::sys::sync::{AtomicBool, Mutex, Ordering};

/// Shared by the thread and those who write to it.
#[derive(Debug)]
pub(crate) struct Letters<L> {
    inside: Mutex<Letterbox<L>>,
    dead: AtomicBool,
}

impl<L> Default for Letters<L> {
    fn default() -> Self {
        Self { inside: Mutex::default(), dead: AtomicBool::new(false) }
    }
}

impl<L> Letters<L> {
    /// Whether nobody reads any more.
    #[inline]
    pub(crate) fn are_unread(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Whether the thread must be woken.
    #[must_use]
    pub(crate) fn put(&self, letter: L) -> bool {
        self.put_with(letter, Letterbox::put)
    }

    /// The same for a letter that is not needed before `at`.
    #[must_use]
    pub(crate) fn put_for(&self, at: Time, letter: L) -> bool {
        self.put_with(letter, |inside, letter| inside.put_for(at, letter))
    }

    /// A letter to the dead is dropped here, without the lock: what it is about may hold this mailbox.
    fn put_with(&self, letter: L, put: impl FnOnce(&mut Letterbox<L>, L) -> bool) -> bool {
        let mut inside = self.inside.lock();
        if self.are_unread() {
            drop(inside);
            return false;
        }
        put(&mut inside, letter)
    }

    /// See [`Letterbox::take`].
    pub(crate) fn take(&self, into: &mut Vec<L>, sleep: Option<Time>) {
        self.inside.lock().take(into, sleep);
    }

    pub(crate) fn awake(&self) {
        self.inside.lock().awake();
    }

    /// The thread is to be taken for dead. Whether it was not yet.
    pub(crate) fn condemn(&self) -> bool {
        !self.dead.swap(true, Ordering::Relaxed)
    }

    /// The thread reads no more. What it has not read.
    pub(crate) fn die(&self) -> Vec<L> {
        self.dead.store(true, Ordering::Relaxed);
        let mut unread = Vec::new();
        self.take(&mut unread, None);
        unread
    }
}
