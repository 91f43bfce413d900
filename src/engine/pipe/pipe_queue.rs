//! Pipes that are to be looked at, in turn. However many there are, to list one and to take one costs the same.

use std::collections::VecDeque;
use std::ops::Range;

use super::slots::Slotted;

/// Slots of the table that are looked at some at a time, in rounds: under one lock no more than can be without keeping others waiting.
#[derive(Debug, Default)]
pub(super) struct SlotRounds {
    next: usize,
}

impl SlotRounds {
    const AT_ONCE: usize = 128;

    /// The next of the slots before `end` that are to be looked at, and whether there are more in this round.
    pub(super) fn take(&mut self, end: usize) -> (Range<usize>, bool) {
        let begin = self.next.min(end);
        let slots = begin..end.min(begin + Self::AT_ONCE);
        let more = slots.end < end;
        self.next = if more { slots.end } else { 0 };
        (slots, more)
    }
}

/// Pipes in turn. One that has the slot of another that is gone is not taken for it.
#[derive(Debug)]
pub(crate) struct PipeQueue<P> {
    queue: VecDeque<P>,
    /// By slot, the number of the pipe that is listed.
    listed: Vec<Option<u32>>,
}

impl<P> Default for PipeQueue<P> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), listed: Vec::new() }
    }
}

impl<P: Slotted> PipeQueue<P> {
    /// Lists a pipe at the end, unless it is listed.
    pub(crate) fn push(&mut self, pipe: P) {
        let id = pipe.id();
        let slot = id.slot as usize;
        if self.listed.len() <= slot {
            self.listed.resize(slot + 1, None);
        }
        if self.listed[slot].replace(id.number) != Some(id.number) {
            self.queue.push_back(pipe);
        }
    }

    /// Takes the first.
    pub(crate) fn pop(&mut self) -> Option<P> {
        let first = self.queue.pop_front()?;
        if let Some(listed) = self.listed.get_mut(first.id().slot as usize)
            && *listed == Some(first.id().number)
        {
            *listed = None;
        }
        Some(first)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Frees what an empty queue does not need.
    pub(crate) fn shrink(&mut self) {
        if self.is_empty() {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use hubless_protocol::patterns::PipeId;

    use super::*;

    impl Slotted for PipeId {
        fn id(&self) -> PipeId {
            *self
        }
    }

    #[test]
    fn a_round_of_slots_looks_at_each_once_however_many_there_are_and_at_few_at_a_time() {
        let mut rounds = SlotRounds::default();
        for end in [0, 1, 127, 128, 129, 1000, 10_000, 3] {
            let mut looked = Vec::new();
            loop {
                let (slots, more) = rounds.take(end);
                assert!(slots.len() <= 128 && (slots.len() == 128 || !more));
                looked.extend(slots);
                if !more {
                    break;
                }
            }
            assert!(looked.into_iter().eq(0..end), "{end}");
        }
        // The slots may become fewer within a round.
        assert_eq!(rounds.take(1000), (0..128, true));
        assert_eq!(rounds.take(5), (5..5, false));
        assert_eq!(rounds.take(5), (0..5, false));
    }

    #[test]
    fn a_pipe_is_listed_once_and_its_successor_beside_it() {
        let (first, second, other) =
            (PipeId { slot: 2, number: 7 }, PipeId { slot: 2, number: 8 }, PipeId { slot: 0, number: 7 });
        let mut queue = PipeQueue::default();
        for pipe in [first, other, first, second, second] {
            queue.push(pipe);
        }
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.pop(), Some(first));
        queue.push(second);
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], [Some(other), Some(second), None]);
        queue.push(second);
        assert_eq!(queue.pop(), Some(second));
        queue.shrink();
        assert!(queue.is_empty() && queue.listed.is_empty());
    }
}
