//! Answers that nobody takes: they keep their pipe from being read where memory is short, and make way for one that somebody waits for.

use hubless_protocol::patterns::{Inbox, Key, Loss, PipeId};

use super::core::{State, Want};
use super::memory::quota::RESERVE;
use super::pipe::table::Entry;
use super::rationing::received;

impl<O> State<O> {
    /// An answer to a request or survey was taken, or is thrown away.
    pub(super) fn answer_taken(&mut self, pipe: PipeId, cost: usize) {
        self.memory.subtract(cost);
        let Some(entry) = self.table.get_mut(pipe) else { return self.memory.take_up(cost) };
        entry.answers = entry.answers.saturating_sub(cost);
        if entry.starved | entry.finishing.is_some() {
            self.read_on(pipe);
        }
    }

    /// Nobody waits for the answers of `key` any more. What was left, to be dropped after unlocking.
    pub(super) fn close_answers(&mut self, key: Key) -> impl Sized + use<O> {
        let left = self.inboxes.close(key);
        if let Some(left) = &left {
            self.memory.forget(left.kept, left.beyond);
            let costs: Vec<_> = left.iter().map(|received| (received.pipe, received.cost())).collect();
            for (pipe, cost) in costs {
                self.answer_taken(pipe, cost);
            }
        }
        left
    }

    /// Somebody has looked for an answer and found none. Where answers that nobody takes keep a pipe from being read, it may
    /// be behind them.
    #[inline]
    pub(super) fn missed_answer(&mut self) {
        if std::mem::take(&mut self.memory.hoards) {
            self.look_behind_answers();
        }
    }

    #[cold]
    fn look_behind_answers(&mut self) {
        let waits = |entry: &&Entry| entry.starved && entry.answers > 0;
        let ids: Vec<PipeId> = self.table.iter().filter(waits).map(|entry| entry.pipe.id).collect();
        for id in ids {
            let buffered = self.table.get(id).map_or(0, |entry| entry.buffered);
            self.drop_answers(id, buffered);
            self.feed(id);
        }
    }

    /// If somebody waits for an answer that is not here, those of this pipe that nobody takes make way for it. Whether there is
    /// room now.
    pub(super) fn makes_way_for_answers(&mut self, id: PipeId, octets: usize) -> bool {
        let hoards = self.table.get(id).is_some_and(|entry| entry.answers > 0);
        let inboxes = &self.inboxes;
        let misses = |want: Want| matches!(want, Want::Message(Inbox::Keyed(key)) if !inboxes.answers(key));
        if !hoards || !self.wait_queue.awaits(misses) {
            return false;
        }
        self.drop_answers(id, octets);
        true
    }

    /// Drops answers that came by this pipe until there is room for more, or none is left, and counts them.
    fn drop_answers(&mut self, id: PipeId, octets: usize) {
        loop {
            let Some(entry) = self.table.get(id) else { return };
            if entry.is_taken() || self.memory.room(received(entry, &self.memory, octets)) >= RESERVE {
                return;
            }
            let Some(dropped) = self.inboxes.drop_answer(id) else { return };
            self.answer_taken(id, dropped.cost());
            self.lost_at(id, Loss::InboxFull);
        }
    }
}
