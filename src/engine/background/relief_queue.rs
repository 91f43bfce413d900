//! Sockets that are told that their context has memory again. Each looks at some of its pipes at a time; memory that comes back meanwhile has it
//! look at all of them once more afterwards.

use std::collections::HashMap;
use std::hash::Hash;

use super::work_queue::WorkQueue;

/// Who is to be told, and how far each is.
#[derive(Debug)]
pub(super) struct ReliefQueue<T> {
    queue: WorkQueue<T>,
    under_way: HashMap<T, Round>,
}

/// A round of a socket over its pipes.
#[derive(Debug, Default)]
struct Round {
    /// Where it goes on.
    slot: usize,
    /// There is more memory than when it began.
    again: bool,
}

impl<T> Default for ReliefQueue<T> {
    fn default() -> Self {
        Self { queue: WorkQueue::default(), under_way: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> ReliefQueue<T> {
    /// This one is to look at all of its pipes from now on.
    pub(super) fn push(&mut self, item: T) {
        match self.under_way.get_mut(&item) {
            Some(round) => round.again = true,
            None => self.queue.push(item),
        }
    }

    /// The next, and from which slot on it looks. It is to be [put back](Self::put_back).
    pub(super) fn pop(&mut self) -> Option<(T, usize)> {
        let item = self.queue.pop()?;
        Some((item, self.under_way.get(&item).map_or(0, |round| round.slot)))
    }

    /// This one has looked at some, and goes on with the `next`, if there are more.
    pub(super) fn put_back(&mut self, item: T, next: Option<usize>) {
        if let Some(slot) = next {
            self.under_way.entry(item).or_default().slot = slot;
            self.queue.push(item);
        } else if self.under_way.remove(&item).is_some_and(|round| round.again) {
            self.queue.push(item);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_on_where_it_was_and_others_have_their_turn_between() {
        let mut queue = ReliefQueue::default();
        queue.push('a');
        queue.push('b');
        let mut seen = Vec::new();
        while let Some((item, slot)) = queue.pop() {
            seen.push((item, slot));
            queue.put_back(item, (item == 'a' && slot < 20).then_some(slot + 10));
        }
        assert_eq!(seen, [('a', 0), ('b', 0), ('a', 10), ('a', 20)]);
        assert!(queue.is_empty() && queue.under_way.is_empty());
    }

    #[test]
    fn memory_that_comes_back_during_a_round_begins_another_when_that_is_done() {
        let mut queue = ReliefQueue::default();
        queue.push('a');
        let mut slots = Vec::new();
        while let Some((item, slot)) = queue.pop() {
            slots.push(slot);
            queue.put_back(item, (slot < 20).then_some(slot + 10));
            if slots.len() < 3 {
                queue.push(item);
            }
        }
        assert_eq!(slots, [0, 10, 20, 0, 10, 20]);
    }
}
