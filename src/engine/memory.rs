//! The memory that all sockets of a context may use for messages together.
//!
//! A socket counts its octets under its own lock and takes its share of the budget in large pieces, so that a message
//! costs no shared counter. Over the limit nothing more is read or queued in the whole context, until enough is free
//! again; then every background thread is told, and wakes whoever was refused.

use std::sync::Arc;

use super::allowance::Allowance;
use super::mailbox::{Command, Mailbox};
use super::sync::Mutex;
use crate::patterns::Queueing;

/// What a socket takes from the budget at a time. It has the first such piece for itself, so that a socket with little
/// to do never touches the budget.
const PIECE: usize = 64 * 1024;
/// Unused pieces that a socket keeps, so that one at a border does not go to and fro.
const SPARE: usize = 4;
/// Octets of an unfinished message, or waiting to leave, that a pipe may have even when the memory of the context is
/// exhausted.
pub(crate) const LITTLE: usize = 64 * 1024;

/// How many octets must wait to leave a pipe for exhausted memory to matter. Where nobody could wait, a little passes: answers
/// must get out, or those who wait for them could not give theirs back. What goes to all or none has been asked for before.
pub(crate) fn spared(queueing: Queueing) -> usize {
    match queueing {
        Queueing::Waiting => 0,
        Queueing::Dropping | Queueing::DroppingOldest => LITTLE + 1,
        Queueing::AllOrNone => usize::MAX,
    }
}

/// The budget of a context.
#[derive(Debug)]
pub(crate) struct Budget {
    allowance: Allowance,
    mailboxes: Mutex<Vec<Arc<Mailbox>>>,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { allowance: Allowance::new(limit), mailboxes: Mutex::default() }
    }

    /// These background threads are told when memory is free again.
    pub(crate) fn tell(&self, mailboxes: &[Arc<Mailbox>]) {
        *self.mailboxes.lock() = mailboxes.to_vec();
    }

    /// Whether nothing more is to be read or queued.
    #[inline]
    pub(crate) fn is_exhausted(&self) -> bool {
        self.allowance.is_exhausted()
    }

    /// Memory is free again: whoever was refused may go on.
    pub(crate) fn announce(&self) {
        for mailbox in &*self.mailboxes.lock() {
            mailbox.tell(Command::MemoryFree);
        }
    }
}

/// What one socket has of the budget beyond its own piece. Guarded by the socket's lock.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    taken: usize,
    used: usize,
    /// Giving back took the context below its limit: that must be announced, after unlocking.
    relieved: bool,
}

impl Share {
    pub(crate) fn of(budget: Arc<Budget>) -> Self {
        Self { budget, taken: PIECE, used: 0, relieved: false }
    }

    #[inline]
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget.is_exhausted()
    }

    #[inline]
    pub(crate) fn add(&mut self, octets: usize) {
        self.used += octets;
        if self.used > self.taken {
            self.take();
        }
    }

    #[inline]
    pub(crate) fn subtract(&mut self, octets: usize) {
        self.used = self.used.saturating_sub(octets);
        if self.taken - self.used > SPARE * PIECE || (self.used == 0 && self.taken > PIECE) {
            self.give_back();
        }
    }

    /// Whether the pipe with this number may finish a large message now. Where all wait for memory that only whole messages
    /// could free, one goes on; `progress` sees to it that it does.
    pub(crate) fn may_finish(&self, number: u32) -> bool {
        self.budget.allowance.may_finish(number)
    }

    /// The pipe with this number has finished its large message, or is gone; if it was the one that might, another may.
    #[inline]
    pub(crate) fn finished(&mut self, number: u32) {
        self.relieved |= self.budget.allowance.finished(number);
    }

    /// Whether there is relief to be announced.
    #[inline]
    pub(crate) fn is_relieved(&self) -> bool {
        self.relieved
    }

    /// The budget whose relief is to be announced, if it is; asked once.
    #[inline]
    pub(crate) fn take_relief(&mut self) -> Option<Arc<Budget>> {
        std::mem::take(&mut self.relieved).then(|| Arc::clone(&self.budget))
    }

    #[cold]
    fn take(&mut self) {
        let more = (self.used - self.taken).next_multiple_of(PIECE);
        self.taken += more;
        self.budget.allowance.take(more);
    }

    #[cold]
    fn give_back(&mut self) {
        let keep = self.used.next_multiple_of(PIECE).max(PIECE);
        let back = self.taken.saturating_sub(keep);
        self.taken -= back;
        self.relieved |= self.budget.allowance.give_back(back);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.budget.allowance.give_back(self.taken - PIECE) {
            self.budget.announce();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sockets_use_together_exhausts_the_budget_and_giving_back_relieves_it_once() {
        let budget = Arc::new(Budget::new(4 * PIECE));
        let (mut a, mut b) = (Share::of(Arc::clone(&budget)), Share::of(Arc::clone(&budget)));
        a.add(4 * PIECE);
        b.add(2 * PIECE);
        assert!(!budget.is_exhausted());
        b.add(1);
        assert!(budget.is_exhausted());
        a.subtract(4 * PIECE);
        assert!(!budget.is_exhausted());
        assert!(a.take_relief().is_some());
        assert!(a.take_relief().is_none());
        drop((a, b));
        assert_eq!(budget.allowance.taken(), 0);
    }

    #[test]
    fn a_socket_at_a_border_does_not_go_to_and_fro() {
        let budget = Arc::new(Budget::new(100 * PIECE));
        let mut share = Share::of(Arc::clone(&budget));
        share.add(2 * PIECE + 1);
        for _ in 0..10 {
            share.subtract(2);
            share.add(2);
            assert_eq!(budget.allowance.taken(), 2 * PIECE);
        }
        share.subtract(2 * PIECE + 1);
        assert_eq!(budget.allowance.taken(), 0);
    }
}
