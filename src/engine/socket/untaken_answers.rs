//! Answers that wait: they keep their pipe from being read where memory is short. Those that nobody takes make way for one that
//! somebody waits for.
//!
//! An answer that has a taker is not dropped: a thread waits for it in a call, or a future that has not been dropped. It may have
//! been woken for the answer and not run yet. It will, and then the memory comes back, so waiting for that is no deadlock. Of an inbox with
//! several answers that holds for the next: the taker of that need not come back for the others.

use hubless_protocol::patterns::{Inbox, Key, Loss, PipeId};

use super::core::{State, Want};
use super::inbox::AnyInboxes;
use super::memory::quota::RESERVE;
use super::pipe::table::Entry;
use super::rationing::received;

impl State {
    /// An answer to a request or survey was taken, or is thrown away.
    pub(super) fn answer_taken(&mut self, pipe: PipeId, cost: usize) {
        self.memory.subtract(cost);
        let Some(entry) = self.table.get_mut(pipe) else { return self.memory.take_up(cost) };
        entry.answers = entry.answers.saturating_sub(cost);
        if entry.starved | entry.finishing.is_some() {
            self.read_on(pipe);
        }
    }

    /// Somebody has looked for an answer and found none. Where answers that nobody takes keep a pipe from being read, it may
    /// be behind them.
    #[inline]
    pub(super) fn missed_answer(&mut self, inboxes: &mut dyn AnyInboxes) {
        if std::mem::take(&mut self.memory.hoards) {
            self.look_behind_answers(inboxes);
        }
    }

    #[cold]
    fn look_behind_answers(&mut self, inboxes: &mut dyn AnyInboxes) {
        let waits = |entry: &&Entry| entry.starved && entry.answers > 0;
        let ids: Vec<PipeId> = self.table.iter().filter(waits).map(|entry| entry.pipe.id).collect();
        for id in ids {
            let buffered = self.table.get(id).map_or(0, |entry| entry.buffered);
            if self.drop_answers(id, buffered, inboxes) {
                self.feed(id);
                self.wait_queue.wake_driver();
            } else {
                self.memory.hoards = true;
            }
        }
    }

    /// A future begins to wait for answers of `key`, or no longer does: then what is there may make way.
    #[inline]
    pub(super) fn count_taker(&mut self, key: Key, begins: bool, inboxes: &mut dyn AnyInboxes) {
        inboxes.count_taker(key, begins);
        if self.memory.hoards && !begins && self.is_answer_missed(inboxes) {
            self.missed_answer(inboxes);
        }
    }

    /// Whether somebody waits for an answer that is not here.
    #[cold]
    fn is_answer_missed(&self, inboxes: &dyn AnyInboxes) -> bool {
        let misses = |want| matches!(want, Want::Message(Inbox::Keyed(key)) if !inboxes.answers(key));
        self.wait_queue.awaits(misses)
    }

    /// If somebody waits for an answer that is not here, those of this pipe that nobody takes make way for it. Whether there is
    /// room now.
    pub(super) fn makes_way_for_answers(
        &mut self,
        id: PipeId,
        bytes: usize,
        inboxes: &mut dyn AnyInboxes,
    ) -> bool {
        let hoards = self.table.get(id).is_some_and(|entry| entry.answers > 0);
        hoards && self.is_answer_missed(inboxes) && self.drop_answers(id, bytes, inboxes)
    }

    /// Drops answers that came by this pipe until there is room for more, or none is left but those with a taker, and counts them.
    /// Whether there is room.
    fn drop_answers(&mut self, id: PipeId, bytes: usize, inboxes: &mut dyn AnyInboxes) -> bool {
        let key = |want| if let Want::Message(Inbox::Keyed(key)) = want { Some(key) } else { None };
        let mut awaited: Vec<Key> = self.wait_queue.wants().filter_map(key).collect();
        awaited.sort_unstable();
        let mut from = 0;
        loop {
            let Some(entry) = self.table.get(id) else { return false };
            if entry.is_taken() || self.memory.room(received(entry, &self.memory, bytes)) >= RESERVE {
                return true;
            }
            let dropped = inboxes.drop_answer(id, from, &|key| awaited.binary_search(&key).is_ok());
            let Some((number, cost)) = dropped else { return false };
            from = number + 1;
            self.answer_taken(id, cost);
            self.lost_at(id, Loss::InboxFull);
        }
    }
}
