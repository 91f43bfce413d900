//! The memory of a body may have an owner of the user's, whose `drop` is the user's code: it runs under no lock of the library.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::{Buf, Bytes};

thread_local! {
    /// How many reasons there are on this thread to put it off, and `SOME_WAIT`: one word, because each lock changes it twice.
    static REASONS: Cell<u32> = const { Cell::new(0) };
    /// Bodies whose time has come since.
    static WAITING: RefCell<Vec<Bytes>> = const { RefCell::new(Vec::new()) };
    /// They are being dropped, further out on the stack: what that puts off is dropped there, and not one within the other.
    static DROPPING: Cell<bool> = const { Cell::new(false) };
    /// The only reason, if there is but one, is that each is to be dropped by itself.
    static ONE_BY_ONE: Cell<bool> = const { Cell::new(false) };
}

/// The list keeps its memory for this many bodies: more than a turn of reading or writing drops. Where nothing else speaks against it, no more wait.
const KEPT: usize = 4096;
/// Some bodies wait.
const SOME_WAIT: u32 = 1 << 31;

/// As long as this lives, no body is dropped on this thread; they are afterwards, each by itself, and a panic in that ends there. For
/// the engine alone, which has one for each lock that it holds.
#[derive(Debug)]
pub struct PutOff {
    /// It is about this thread.
    _stays: PhantomData<*const ()>,
}

impl PutOff {
    /// From now on.
    #[inline]
    #[must_use]
    pub fn begin() -> Self {
        REASONS.set(REASONS.get() + 1);
        Self { _stays: PhantomData }
    }

    /// Drops this now, and what was put off before: each body by itself, and a panic in that ends there. There may be reasons to put it
    /// off further out on the stack, but none of them may be a lock. However many there are, few of them wait at a time.
    pub fn drop_now<T>(what: T) {
        let outside = REASONS.get() & !SOME_WAIT;
        REASONS.set(REASONS.get() & SOME_WAIT);
        let put_off = Self::begin();
        let further_out = ONE_BY_ONE.replace(true);
        contained(|| drop(what));
        drop(put_off);
        ONE_BY_ONE.set(further_out);
        REASONS.set(REASONS.get() + outside);
    }
}

impl Drop for PutOff {
    #[inline]
    fn drop(&mut self) {
        let left = REASONS.get() - 1;
        REASONS.set(left);
        if left == SOME_WAIT {
            drop_waiting();
        }
    }
}

/// A body that is dropped under no lock.
#[derive(Clone)]
pub(crate) struct Owned(Option<Shared>);

/// Bytes that may have other holders, and where their frames end.
#[derive(Clone)]
struct Shared {
    bytes: Bytes,
    /// Where frames end and others begin, in order; none for one frame.
    borders: Option<Arc<Vec<usize>>>,
}

impl Owned {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self(Some(Shared { bytes, borders: None }))
    }

    pub(crate) fn with_borders(bytes: Bytes, borders: Vec<usize>) -> Self {
        let borders = if borders.is_empty() { None } else { Some(Arc::new(borders)) };
        Self(Some(Shared { bytes, borders }))
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |shared| &shared.bytes)
    }

    #[inline]
    pub(crate) fn borders(&self) -> &[usize] {
        self.0.as_ref().and_then(|shared| shared.borders.as_ref()).map_or(&[], |borders| borders)
    }

    pub(crate) fn take_borders(&mut self) -> Vec<usize> {
        let borders = self.0.as_mut().and_then(|shared| shared.borders.take());
        borders.map(Arc::unwrap_or_clone).unwrap_or_default()
    }

    /// From now on one frame.
    #[inline]
    pub(crate) fn join(&mut self) {
        if let Some(Shared { borders: borders @ Some(_), .. }) = &mut self.0 {
            *borders = None;
        }
    }

    /// Drops the first `count` bytes and the borders in front of their end; panics where there are fewer.
    pub(crate) fn advance(&mut self, count: usize) {
        let Some(shared) = &mut self.0 else { return };
        shared.bytes.advance(count);
        if let Some(borders) = shared.borders.take() {
            let kept: Vec<usize> = borders.iter().filter_map(|border| border.checked_sub(count)).collect();
            shared.borders = if kept.is_empty() { None } else { Some(Arc::new(kept)) };
        }
    }

    /// A part that shares the memory, as one frame.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        Self(self.0.as_ref().map(|shared| Shared { bytes: shared.bytes.slice(range), borders: None }))
    }

    pub(crate) fn take(mut self) -> Bytes {
        self.0.take().map(|shared| shared.bytes).unwrap_or_default()
    }
}

impl Drop for Owned {
    /// A few instructions at each place where a message is dropped, most of which have nothing here.
    #[inline]
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            let_go(shared);
        }
    }
}

#[inline(never)]
fn let_go(shared: Shared) {
    if REASONS.get() & !SOME_WAIT > 0 {
        put_off(shared.bytes);
    }
}

#[cold]
fn put_off(body: Bytes) {
    // Where the thread is at its end there is no list any more, and it is dropped at once.
    let waiting = WAITING.try_with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        waiting.push(body);
        waiting.len()
    });
    REASONS.set(REASONS.get() | SOME_WAIT);
    if waiting.is_ok_and(|waiting| waiting >= KEPT) && ONE_BY_ONE.get() && REASONS.get() == SOME_WAIT | 1 {
        drop_waiting();
    }
}

#[cold]
fn drop_waiting() {
    if DROPPING.replace(true) {
        return;
    }
    while let Ok(Some(body)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
        contained(|| drop(body));
    }
    // There may have been millions.
    let _ = WAITING.try_with(|waiting| waiting.borrow_mut().shrink_to(KEPT));
    REASONS.set(REASONS.get() & !SOME_WAIT);
    DROPPING.set(false);
}

/// A panic is the owner's own business; what it was raised with may panic again when it is dropped, and is left alone then.
fn contained(step: impl FnOnce()) {
    let dispose = |payload: Box<dyn Any + Send>| catch_unwind(AssertUnwindSafe(|| drop(payload)));
    if let Err(another) = catch_unwind(AssertUnwindSafe(step)).or_else(dispose) {
        std::mem::forget(another);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::Message;

    struct Owner<F: Fn()>([u8; 100], F);

    impl<F: Fn()> AsRef<[u8]> for Owner<F> {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl<F: Fn()> Drop for Owner<F> {
        fn drop(&mut self) {
            (self.1)();
        }
    }

    fn owned(when_dropped: impl Fn() + Send + 'static) -> Message {
        Bytes::from_owner(Owner([7; 100], when_dropped)).into()
    }

    #[test]
    fn an_owner_is_dropped_when_the_last_reason_to_put_it_off_has_gone() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        let count = || {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        };
        let message = owned(count);
        let (outer, inner) = (PutOff::begin(), PutOff::begin());
        drop(message);
        drop(inner);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 0);
        drop(outer);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 1);
        drop(owned(count));
        assert_eq!(DROPPED.load(Ordering::Relaxed), 2, "without a reason at once");
    }

    #[test]
    fn what_is_to_be_dropped_now_is_whatever_reasons_are_further_out_and_the_list_of_it_is_let_go() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        let count = || {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        };
        let (outer, inner) = (PutOff::begin(), PutOff::begin());
        drop(owned(count));
        PutOff::drop_now((0..10_000).map(|_| owned(count)).collect::<Vec<_>>());
        assert_eq!(DROPPED.load(Ordering::Relaxed), 10_001);
        assert!(WAITING.with_borrow(Vec::capacity) <= KEPT);
        // The reasons are as before.
        drop(owned(count));
        drop(inner);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 10_001);
        drop(outer);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 10_002);
        PutOff::drop_now([owned(|| panic!("an owner")), owned(count)]);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 10_003);
    }

    #[test]
    fn of_all_that_is_to_be_dropped_now_few_bodies_wait_at_a_time() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        struct Locked(Vec<Message>);
        impl Drop for Locked {
            fn drop(&mut self) {
                let before = DROPPED.load(Ordering::Relaxed);
                let lock = PutOff::begin();
                self.0.clear();
                assert_eq!(DROPPED.load(Ordering::Relaxed), before);
                drop(lock);
            }
        }
        let count = || {
            // Each puts off another.
            drop(owned(|| ()));
            MOST.fetch_max(WAITING.with_borrow(Vec::len), Ordering::Relaxed);
            DROPPED.fetch_add(1, Ordering::Relaxed);
        };
        let outer = PutOff::begin();
        let mut messages: Vec<_> = (0..20 * KEPT).map(|_| owned(count)).collect();
        // With a reason of its own further in, as a lock is, none is dropped.
        let locked = messages.split_off(19 * KEPT);
        PutOff::drop_now((messages, Locked(locked)));
        assert_eq!(DROPPED.load(Ordering::Relaxed), 20 * KEPT);
        let most = MOST.load(Ordering::Relaxed);
        assert!(most <= 2 * KEPT, "{most} waited");
        drop(outer);
    }

    #[test]
    fn owners_that_put_others_off_need_no_deep_stack() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        let reason = PutOff::begin();
        for _ in 0..100_000 {
            drop(owned(|| {
                drop(PutOff::begin());
                DROPPED.fetch_add(1, Ordering::Relaxed);
            }));
        }
        drop(reason);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 100_000);
    }

    #[test]
    fn a_panic_of_an_owner_that_was_put_off_ends_there() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        let reason = PutOff::begin();
        for _ in 0..3 {
            drop(owned(|| {
                DROPPED.fetch_add(1, Ordering::Relaxed);
                panic!("an owner");
            }));
        }
        drop(reason);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 3);
    }
}
