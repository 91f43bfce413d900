//! Who waits and was overtaken for long goes first: until it has had its turn, all others wait.
//!
//! One that comes while there is room, or a message, takes it at once, though others wait who were signalled and have not yet
//! run: to hand over each by itself would cost a wake across processors each. So one who sends without pause can overtake one
//! that waits, again and again. That ends after [`OVERTAKEN`]: then the other has the priority, and keeps it until it has
//! got what it wants or gives up. A future never has it, because nobody knows when it is polled.
//!
//! One that lacks only memory for a large message bars none that is smaller: that may fit, and takes no turn from the large one, which
//! waits for its place beyond the limit (`overcommit.rs`).

use std::time::Duration;

use hubless_protocol::patterns::Time;

/// How long one who waits may be overtaken. It bounds how long one is kept waiting by others. Each time
/// costs those others a wake, which is a small part of this.
pub(super) const OVERTAKEN: Duration = Duration::from_millis(2);

/// Who goes first at one socket, by its ticket. Plain data, guarded by the socket's lock.
#[derive(Debug)]
pub(super) struct Priority<W> {
    first: Option<First<W>>,
    /// Who looks, under the lock that is held now, if it has a ticket.
    looking: Option<u64>,
}

/// Who goes first.
#[derive(Debug, Clone, Copy)]
struct First<W> {
    want: W,
    ticket: u64,
    /// The size of the smallest message that waits for it. With nothing of its own size to wait for, that is zero: all wait.
    least: usize,
}

impl<W: Copy + Eq> Priority<W> {
    pub(super) fn new() -> Self {
        Self { first: None, looking: None }
    }

    /// Whether the one that looks must leave `want` to another.
    #[inline]
    pub(super) fn bars(&self, want: W) -> bool {
        self.first.is_some_and(|first| first.want == want && self.looking != Some(first.ticket))
    }

    /// The size of the smallest message that waits for the one that goes first; zero where all do, or nobody goes first.
    pub(super) fn least(&self) -> usize {
        self.first.map_or(0, |first| first.least)
    }

    /// Whether the one that looks has a ticket: it has waited.
    pub(super) fn looks_again(&self) -> bool {
        self.looking.is_some()
    }

    /// Says who looks, until the lock is released.
    pub(super) fn look(&mut self, ticket: Option<u64>) {
        self.looking = ticket;
    }

    /// This one goes first from now on, unless somebody does. Messages below `least` do not wait for it.
    pub(super) fn take(&mut self, want: W, ticket: u64, least: usize) {
        if self.first.is_none_or(|first| first.ticket == ticket) {
            self.first = Some(First { want, ticket, least });
        }
    }

    /// This one is done; whether it went first.
    pub(super) fn give_up(&mut self, ticket: u64) -> bool {
        self.first.take_if(|first| first.ticket == ticket).is_some()
    }

    /// Who goes first of those who wait for `want`.
    #[inline]
    pub(super) fn first(&self, want: W) -> Option<u64> {
        self.first.filter(|first| first.want == want).map(|first| first.ticket)
    }

    /// Nobody goes first.
    pub(super) fn clear(&mut self) {
        self.first = None;
    }
}

/// How one call has fared so far.
#[derive(Debug, Default)]
pub(in super::super) struct Overtaken {
    since: Option<Time>,
}

impl Overtaken {
    /// It is about to wait among others; since when it has.
    pub(in super::super) fn waits(&mut self, now: impl FnOnce() -> Time) -> Time {
        *self.since.get_or_insert_with(now)
    }

    /// Once more it was signalled and found nothing. Whether that is to end.
    pub(in super::super) fn again(&mut self, now: Time) -> bool {
        now.since(*self.since.get_or_insert(now)) >= OVERTAKEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_priority_bars_all_others_who_want_the_same_until_it_is_done() {
        let mut priority = Priority::new();
        priority.take('r', 7, 0);
        priority.take('r', 8, 0);
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
    fn who_lacks_memory_for_a_large_message_bars_none_that_is_smaller() {
        let mut priority = Priority::new();
        priority.take('r', 7, 1000);
        priority.take('r', 8, 10);
        assert!(priority.bars('r') && priority.least() == 1000);
        priority.take('r', 7, 0);
        assert_eq!(priority.least(), 0, "now its queue is full");
        assert!(priority.give_up(7));
        priority.take('r', 8, 10);
        assert_eq!((priority.first('r'), priority.least()), (Some(8), 10));
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
