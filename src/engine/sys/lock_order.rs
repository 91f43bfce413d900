//! The order in which locks are taken (ARCHITECTURE.md, invariant 3), asserted in this repository where debug assertions are on.
//! Without those the types here are empty and do nothing.
//!
//! Programs of others do what the tests here do not: a transport of theirs may read from another socket. It does not end their
//! debug builds.

/// The kinds of locks, in their order. A thread that has one takes only later ones; leaves are the last, and may be taken within
/// one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// The read side of a pipe.
    Read,
    /// The write side of a pipe.
    Write,
    /// A socket.
    Socket,
    Leaf,
}

#[cfg(not(debug_assertions))]
pub(super) use unchecked::{Held, Place};

#[cfg(debug_assertions)]
pub(super) use checked::{Held, Place};

#[cfg(debug_assertions)]
mod checked {
    use std::cell::Cell;

    use super::Rank;

    /// Set in `.cargo/config.toml`, which counts where this repository is built and nowhere else.
    const ASSERTED: bool = cfg!(test) || option_env!("HUBLESS_ASSERT_LOCK_ORDER").is_some();

    const RANKS: [Rank; 4] = [Rank::Read, Rank::Write, Rank::Socket, Rank::Leaf];

    thread_local! {
        /// How many locks of each rank the thread has. Plain numbers, because a lock may be taken while the thread ends.
        static HELD: Cell<[u8; RANKS.len()]> = const { Cell::new([0; RANKS.len()]) };
    }

    /// Where a lock stands in the order.
    #[derive(Debug)]
    pub(in super::super) struct Place(Rank);

    impl Place {
        pub(in super::super) const fn of(rank: Rank) -> Self {
            Self(rank)
        }

        /// Panics where the calling thread has a lock that must not be had while it waits for one here.
        #[track_caller]
        pub(in super::super) fn assert_turn(&self) {
            if !ASSERTED {
                return;
            }
            let held = HELD.get();
            let wrong = |rank: &Rank| *rank > self.0 || (*rank == self.0 && *rank != Rank::Leaf);
            let found = RANKS.into_iter().find(|rank| held[*rank as usize] > 0 && wrong(rank));
            if let Some(found) = found {
                panic!("locks are taken out of order: {:?} after {found:?}", self.0);
            }
        }
    }

    /// A lock that the thread has.
    #[derive(Debug)]
    pub(in super::super) struct Held(Rank);

    impl Held {
        pub(in super::super) fn at(place: &Place) -> Self {
            count(place.0, |held| held + 1);
            Self(place.0)
        }

        /// Panics where the calling thread has a socket's lock.
        #[track_caller]
        pub(in super::super) fn assert_no_socket() {
            let held = HELD.get()[Rank::Socket as usize];
            assert!(!ASSERTED || held == 0, "the lock of a socket is held across a call");
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            count(self.0, |held| held - 1);
        }
    }

    fn count(rank: Rank, change: impl FnOnce(u8) -> u8) {
        let mut held = HELD.get();
        held[rank as usize] = change(held[rank as usize]);
        HELD.set(held);
    }
}

#[cfg(not(debug_assertions))]
mod unchecked {
    use super::Rank;

    #[derive(Debug)]
    pub(in super::super) struct Place;

    impl Place {
        pub(in super::super) const fn of(_: Rank) -> Self {
            Self
        }

        #[inline]
        #[expect(clippy::unused_self, reason = "where order is asserted, it is used")]
        pub(in super::super) const fn assert_turn(&self) {}
    }

    #[derive(Debug)]
    pub(in super::super) struct Held;

    impl Held {
        #[inline]
        pub(in super::super) const fn at(_: &Place) -> Self {
            Self
        }

        #[inline]
        pub(in super::super) const fn assert_no_socket() {}
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::Rank;
    use crate::engine::sys::sync::{Mutex, wake_task};

    #[test]
    fn locks_in_their_order_are_taken() {
        let ranks = [Rank::Read, Rank::Write, Rank::Socket, Rank::Leaf, Rank::Leaf];
        let locks = ranks.map(|rank| Mutex::ranked(rank, ()));
        let first = locks.each_ref().map(Mutex::lock);
        drop(first);
        let _second = locks.each_ref().map(Mutex::lock);
    }

    #[test]
    #[should_panic(expected = "out of order: Write after Socket")]
    fn a_side_of_a_pipe_after_a_socket_is_found() {
        let (socket, side) = (Mutex::ranked(Rank::Socket, ()), Mutex::ranked(Rank::Write, ()));
        let _socket = socket.lock();
        let _side = side.lock();
    }

    #[test]
    #[should_panic(expected = "out of order: Socket after Socket")]
    fn a_second_socket_is_found() {
        let [one, other] = [(); 2].map(|()| Mutex::ranked(Rank::Socket, ()));
        let _one = one.lock();
        let _other = other.lock();
    }

    #[test]
    #[should_panic(expected = "out of order: Socket after Leaf")]
    fn a_socket_after_a_leaf_is_found() {
        let (leaf, socket) = (Mutex::new(()), Mutex::ranked(Rank::Socket, ()));
        let _leaf = leaf.lock();
        let _socket = socket.lock();
    }

    #[test]
    fn what_is_only_tried_or_known_to_nobody_may_come_late() {
        let locks = [Rank::Socket, Rank::Write, Rank::Read].map(|rank| Mutex::ranked(rank, ()));
        let [socket, unknown, tried] = &locks;
        let _socket = socket.lock();
        let _unknown = unknown.lock_unshared();
        assert!(tried.try_lock().is_some());
    }

    #[test]
    #[should_panic(expected = "held across a call")]
    fn a_waker_that_is_called_under_a_socket_is_found() {
        let socket = Mutex::ranked(Rank::Socket, ());
        let _socket = socket.lock();
        wake_task(std::task::Waker::noop().clone());
    }
}
