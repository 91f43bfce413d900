//! Who waits and was overtaken for long goes first: until it has had its turn, all others wait.
//!
//! Whoever comes while there is room, or a message, takes it at once, though others wait who were signalled and have not yet
//! run: to hand over each by itself would cost a wake across processors each. So one who sends without pause can overtake one
//! that waits, again and again. That ends after [`OVERTAKEN`]: then the other has the priority, and keeps it until it has
//! got what it wants or gives up. A future never has it, because nobody knows when it is polled.

use std::time::Duration;

use crate::patterns::Time;

/// How long one who waits may be overtaken. It bounds how long one is kept waiting by others. Each time
/// costs those others a wake, which is a small part of this.
pub(crate) const OVERTAKEN: Duration = Duration::from_millis(2);

/// Who goes first at one socket, by its ticket. Plain data, guarded by the socket's lock.
#[derive(Debug)]
pub(crate) struct Priority<W> {
    first: Option<(W, u64)>,
    /// Who looks, under the lock that is held now, if it has a ticket.
    looking: Option<u64>,
}

impl<W: Copy + Eq> Priority<W> {
    pub(crate) fn new() -> Self {
        Self { first: None, looking: None }
    }

    /// Whether whoever looks must leave `want` to another.
    #[inline]
    pub(crate) fn bars(&self, want: W) -> bool {
        self.first.is_some_and(|(wanted, ticket)| wanted == want && self.looking != Some(ticket))
    }

    /// Says who looks, until the lock is released.
    pub(crate) fn look(&mut self, ticket: Option<u64>) {
        self.looking = ticket;
    }

    /// This one goes first from now on, unless somebody does.
    pub(crate) fn take(&mut self, want: W, ticket: u64) {
        self.first.get_or_insert((want, ticket));
    }

    /// This one is done; whether it went first.
    pub(crate) fn give_up(&mut self, ticket: u64) -> bool {
        self.first.take_if(|(_, first)| *first == ticket).is_some()
    }

    /// Who goes first of those who wait for `want`.
    #[inline]
    pub(crate) fn first(&self, want: W) -> Option<u64> {
        self.first.filter(|(wanted, _)| *wanted == want).map(|(_, ticket)| ticket)
    }

    /// Nobody goes first.
    pub(crate) fn clear(&mut self) {
        self.first = None;
    }
}

/// How one call has fared so far.
#[derive(Debug, Default)]
pub(crate) struct Overtaken {
    since: Option<Time>,
}

impl Overtaken {
    /// It is about to wait among others; since when it has.
    pub(crate) fn waits(&mut self, now: impl FnOnce() -> Time) -> Time {
        *self.since.get_or_insert_with(now)
    }

    /// Once more it was signalled and found nothing. Whether that is to end.
    pub(crate) fn again(&mut self, now: Time) -> bool {
        now.since(*self.since.get_or_insert(now)) >= OVERTAKEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_priority_bars_all_others_who_want_the_same_until_it_is_done() {
        let mut priority = Priority::new();
        priority.take('r', 7);
        priority.take('r', 8);
        assert!(priority.bars('r') && !priority.bars('m'));
        priority.look(Some(8));
        assert!(priority.bars('r'));
        priority.look(Some(7));
        assert!(!priority.bars('r'));
        priority.look(None);
        assert!(!priority.give_up(8) && priority.give_up(7) && !priority.give_up(7));
        assert!(!priority.bars('r'));
    }

    #[test]
    fn one_is_overtaken_for_a_while_and_then_no_more() {
        let mut overtaken = Overtaken::default();
        let at = |micros| Time::default().after(Duration::from_micros(micros));
        assert!(!overtaken.again(at(1000)));
        assert!(!overtaken.again(at(2999)));
        assert!(overtaken.again(at(3000)));
        let mut waiting = Overtaken::default();
        assert_eq!([1000, 2000].map(|micros| waiting.waits(|| at(micros))), [at(1000); 2]);
        assert!(waiting.again(at(3000)));
    }
}
