//! Which of the answers that nobody has taken came first, for each peer. It is known only while memory is so short that some are dropped:
//! then each is found at the same cost, however many wait.

use std::collections::BTreeMap;

use hubless_protocol::patterns::{Key, PipeId};

/// The answers that wait, by the peer and in the order in which they came, and the inbox of each.
#[derive(Debug)]
pub(super) struct Untaken {
    answers: BTreeMap<(PipeId, u64), Key>,
    /// What it cost to find these.
    cost: usize,
    /// How many came or went since one was last dropped.
    idle: usize,
}

impl Untaken {
    /// Of the answers in this number of inboxes.
    pub(super) fn of(inboxes: usize, answers: impl Iterator<Item = ((PipeId, u64), Key)>) -> Self {
        let answers: BTreeMap<_, _> = answers.collect();
        let cost = inboxes + answers.len();
        Self { answers, cost, idle: 0 }
    }

    pub(super) fn came(&mut self, pipe: PipeId, number: u64, key: Key) {
        self.answers.insert((pipe, number), key);
        self.idle += 1;
    }

    pub(super) fn went(&mut self, pipe: PipeId, number: u64) {
        self.answers.remove(&(pipe, number));
        self.idle += 1;
    }

    /// The first of a peer's that has no taker, of those with this number or a later one. It is dropped: its number, and its inbox.
    pub(super) fn drop_first(
        &mut self,
        pipe: PipeId,
        from: u64,
        has_taker: impl Fn(u64, Key) -> bool,
    ) -> Option<(u64, Key)> {
        let mut answers = self.answers.range((pipe, from)..=(pipe, u64::MAX));
        let (&(_, number), &key) = answers.find(|((_, number), key)| !has_taker(*number, **key))?;
        self.answers.remove(&(pipe, number));
        self.idle = 0;
        Some((number, key))
    }

    /// Whether to keep this costs more than to find it once more when it is needed.
    pub(super) fn is_idle(&self) -> bool {
        self.idle > self.cost
    }

    /// What it cost to find these.
    #[cfg(test)]
    pub(super) fn cost(&self) -> usize {
        self.cost
    }
}
