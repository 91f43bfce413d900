//! Work that a background thread takes in turn. However much there is, to list some and to take some costs the same.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use hubless_protocol::patterns::Time;

/// Each is listed once, at the end; the first is taken.
#[derive(Debug)]
pub(crate) struct WorkQueue<T> {
    queue: VecDeque<T>,
    listed: HashSet<T>,
}

impl<T> Default for WorkQueue<T> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), listed: HashSet::new() }
    }
}

impl<T: Copy + Eq + Hash> WorkQueue<T> {
    /// Lists one at the end, unless it is listed.
    pub(crate) fn push(&mut self, item: T) {
        if self.listed.insert(item) {
            self.queue.push_back(item);
        }
    }

    /// Takes the first.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let first = self.queue.pop_front()?;
        self.listed.remove(&first);
        Some(first)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

/// Those who are looked at again and again. A round looks at each once, and may be interrupted between any two.
#[derive(Debug)]
pub(crate) struct Rounds<T> {
    queue: WorkQueue<T>,
    /// How many of this round are still to be looked at, and when it began.
    left: usize,
    running: bool,
    began: Time,
    /// When the next round begins.
    next: Time,
    /// The pause after a round, from how long that took.
    pause: fn(Duration) -> Duration,
}

impl<T: Copy + Eq + Hash> Rounds<T> {
    pub(crate) fn new(pause: fn(Duration) -> Duration) -> Self {
        Self {
            queue: WorkQueue::default(),
            left: 0,
            running: false,
            began: Time::default(),
            next: Time::default(),
            pause,
        }
    }

    /// One more is to be looked at, from the next round on.
    pub(crate) fn add(&mut self, item: T, now: Time) {
        if self.queue.is_empty() && !self.running {
            self.next = now.after((self.pause)(Duration::ZERO));
        }
        self.queue.push(item);
    }

    /// Who is to be looked at now, if anybody. One that is to be looked at again is to be [kept](Self::keep).
    pub(crate) fn take(&mut self, now: Time) -> Option<T> {
        if self.left == 0 {
            if std::mem::take(&mut self.running) {
                self.next = now.after((self.pause)(now.since(self.began)));
            }
            if now < self.next || self.queue.is_empty() {
                return None;
            }
            (self.left, self.running, self.began) = (self.queue.queue.len(), true, now);
        }
        self.left -= 1;
        self.queue.pop()
    }

    /// One that was taken is to be looked at in the next round, too.
    pub(crate) fn keep(&mut self, item: T) {
        self.queue.push(item);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// When somebody is to be looked at, at the latest.
    pub(crate) fn next(&self) -> Option<Time> {
        if self.running {
            return Some(Time::default());
        }
        (!self.queue.is_empty()).then_some(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_listed_twice_and_who_was_taken_may_be_listed_again() {
        let mut queue = WorkQueue::default();
        for item in [1, 2, 1, 2, 3] {
            queue.push(item);
        }
        assert_eq!(queue.pop(), Some(1));
        queue.push(1);
        queue.push(3);
        assert_eq!([queue.pop(), queue.pop(), queue.pop(), queue.pop()], [Some(2), Some(3), Some(1), None]);
        assert!(queue.is_empty() && queue.listed.is_empty());
    }

    #[test]
    fn a_round_looks_at_each_once_and_the_next_comes_after_a_pause() {
        let mut rounds = Rounds::new(|took| Duration::from_nanos(10).max(took * 8));
        assert_eq!((rounds.take(Time(1)), rounds.next()), (None, None));
        rounds.add('a', Time(5));
        rounds.add('b', Time(9));
        assert_eq!((rounds.next(), rounds.take(Time(14))), (Some(Time(15)), None));
        assert_eq!(rounds.take(Time(15)), Some('a'));
        rounds.keep('a');
        assert_eq!(rounds.next(), Some(Time(0)), "the round is not over");
        rounds.add('c', Time(16));
        assert_eq!(rounds.take(Time(20)), Some('b'));
        assert_eq!((rounds.take(Time(25)), rounds.next()), (None, Some(Time(105))));
        assert_eq!(rounds.take(Time(105)), Some('a'));
        assert_eq!(rounds.take(Time(105)), Some('c'));
        assert_eq!((rounds.take(Time(106)), rounds.next()), (None, None));
        rounds.add('d', Time(200));
        assert_eq!(rounds.next(), Some(Time(210)));
    }
}
