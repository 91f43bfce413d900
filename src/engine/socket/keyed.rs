//! The inbox of a request or survey.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hubless_protocol::patterns::{Ending, PipeId};
use hubless_transport::Peer;

use super::inbox::Received;

/// An answer, and its index among those that came.
#[derive(Debug)]
pub(super) struct Numbered<O> {
    pub(super) received: Received<O>,
    pub(super) number: u64,
    /// Who answered a survey. A request has one answer, and nobody asks whose.
    pub(super) peer: Option<Arc<Peer>>,
}

/// What the pattern keeps for the one that has asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kept {
    pub(super) bytes: usize,
    /// They went beyond the limit of memory.
    pub(super) beyond: bool,
}

impl Kept {
    /// What counts against others.
    pub(super) fn within(self) -> usize {
        if self.beyond { 0 } else { self.bytes }
    }
}

/// What waits for the one that has asked.
#[derive(Debug)]
pub(super) struct Keyed<O> {
    /// The oldest, apart from the others because most often there is but one.
    pub(super) first: Option<Numbered<O>>,
    pub(super) others: VecDeque<Numbered<O>>,
    pub(super) limit: usize,
    /// How many answers wait of each peer that has a share, and under none of all others together.
    pub(super) shares: BTreeMap<Option<PipeId>, usize>,
    pub(super) ending: Option<Ending>,
    pub(super) kept: Kept,
    /// How many take what comes for certain, whether they wait now or were woken and have not run yet: who asks and waits in one call,
    /// and futures.
    pub(super) takers: u32,
}

impl<O> Keyed<O> {
    /// An empty one.
    #[inline]
    pub(super) fn open(limit: usize, kept: usize, beyond: bool, takers: u32) -> Self {
        Self {
            first: None,
            others: VecDeque::new(),
            limit,
            shares: BTreeMap::new(),
            ending: None,
            kept: Kept { bytes: kept, beyond },
            takers,
        }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    pub(super) fn push(&mut self, answer: Numbered<O>) {
        match self.first {
            None => self.first = Some(answer),
            Some(_) => self.others.push_back(answer),
        }
    }

    pub(super) fn pop(&mut self) -> Option<Numbered<O>> {
        let popped = self.remove_first();
        if !self.shares.is_empty()
            && let Some(answer) = &popped
        {
            self.give_back_share(answer.received.pipe);
        }
        popped
    }

    fn remove_first(&mut self) -> Option<Numbered<O>> {
        let next = self.others.pop_front();
        std::mem::replace(&mut self.first, next)
    }

    /// Removes the answer with this number. Those behind it, or those before, move up.
    pub(super) fn remove(&mut self, number: u64) -> Option<Received<O>> {
        let answer = if self.first.as_ref()?.number == number {
            self.remove_first()
        } else {
            let place = self.others.binary_search_by_key(&number, |answer| answer.number).ok()?;
            self.others.remove(place)
        };
        answer.map(|answer| answer.received)
    }

    pub(super) fn give_back_share(&mut self, pipe: PipeId) {
        let account = Some(pipe).filter(|pipe| self.shares.contains_key(&Some(*pipe)));
        if let Some(waiting) = self.shares.get_mut(&account) {
            *waiting -= 1;
            if *waiting == 0 {
                self.shares.remove(&account);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Received<O>> {
        self.numbered().map(|answer| &answer.received)
    }

    pub(super) fn numbered(&self) -> impl Iterator<Item = &Numbered<O>> {
        self.first.iter().chain(&self.others)
    }
}
