//! When what is queued is written: every flush decision of a socket.
//!
//! | when | who flushes | where |
//! |---|---|---|
//! | a send on an idle socket | the sender, at once, after unlocking | [`State::plan_flushes`] |
//! | a send of a stream, once there is enough for a write | the sender | [`State::note_queued`], `SendQueue::is_enough` |
//! | a send of a stream, otherwise | the background thread, at the next flush interval | `managed::flush_interval`, `worker::FLUSH_INTERVAL` |
//! | a call is about to wait, a handle is dropped, the socket closes | that thread | [`State::plan_all_flushes`] |
//! | a control was queued | the thread that queued it, at once, streaming or not | [`FlushLists::note_control`] |
//! | a pipe had no room and has some again | the driver | `driving`, `flush_state` |
//! | somebody else is writing to the pipe | the next send or interval | [`State::leave_to_stream`] |
//!
//! A message on an idle socket is written at once. When a thread sends in a burst (`burst`), writing each message takes a good part
//! of its time, so the socket streams (`streaming`): messages are batched, and written when there is enough. How a flush runs,
//! and why it loses nothing, is in `flush_state`.

use std::collections::VecDeque;
use std::sync::Arc;

use hubless_protocol::patterns::PipeId;

use super::burst;
use super::core::{Phase, State};
use super::pipe::send_queue::QueueSize;
use super::pipe::table::Entry;
use super::streaming::SendMode;

/// Pipes that are to be flushed.
#[derive(Debug, Default)]
pub(super) struct FlushLists {
    /// Those with something pending.
    dirty: VecDeque<PipeId>,
    /// Those with enough pending to be written while streaming.
    due: Vec<PipeId>,
}

impl FlushLists {
    /// Lists a pipe in which a message was queued: it is to be flushed, now or with the stream. Enough for a write is also half of the
    /// messages that it may hold.
    #[inline]
    pub(super) fn note_queued(
        &mut self,
        id: PipeId,
        entry: &mut Entry,
        pending: QueueSize,
        limit: QueueSize,
    ) {
        if entry.flush_state.becomes_dirty() {
            self.dirty.push_back(id);
        }
        let enough = entry.pending.is_enough() || pending.messages * 2 >= limit.messages;
        if enough && entry.flush_state.becomes_due() {
            self.due.push(id);
        }
    }

    #[cfg(test)]
    pub(super) fn due(&self) -> usize {
        self.due.len()
    }

    /// The same where a control was queued, which waits for no stream.
    pub(super) fn note_control(&mut self, id: PipeId, entry: &mut Entry) {
        if entry.flush_state.becomes_dirty() {
            self.dirty.push_back(id);
        }
        if entry.flush_state.becomes_due() {
            self.due.push(id);
        }
    }
}

impl State {
    /// The user sends: the message will leave now, or with the stream.
    #[inline]
    pub(super) fn note_send(&mut self) {
        let clock = self.clock;
        if self.streaming.send(|| burst::note_send(clock.now())) == SendMode::BeginStream {
            self.after.begin_stream = true;
        }
    }

    /// What a step has queued is flushed after unlocking: all of it, or while streaming those pipes that have enough.
    #[inline]
    pub(super) fn plan_flushes(&mut self) {
        if self.streaming.is_active() {
            if !self.flush_lists.due.is_empty() {
                self.plan_due_flushes();
            }
        } else if !self.flush_lists.dirty.is_empty() {
            self.plan_all_flushes();
        }
    }

    fn plan_due_flushes(&mut self) {
        let Self { flush_lists, table, after, .. } = self;
        for id in flush_lists.due.drain(..) {
            let Some(entry) = table.get_mut(id) else { continue };
            if entry.flush_state.was_due() && entry.has_pending() {
                after.flush.push(Arc::clone(&entry.pipe));
            }
        }
    }

    /// Everything that is pending is flushed, streaming or not.
    #[inline]
    pub(super) fn plan_all_flushes(&mut self) {
        self.plan_some_flushes(usize::MAX);
        if !self.flush_lists.due.is_empty() {
            self.forget_due();
        }
    }

    /// Those with enough for a write were among all others. A socket that never streams takes their list nowhere else, and it would
    /// grow with each peer that comes and goes.
    #[cold]
    fn forget_due(&mut self) {
        let Self { flush_lists, table, .. } = self;
        for id in flush_lists.due.drain(..) {
            if let Some(entry) = table.get_mut(id) {
                entry.flush_state.was_due();
            }
        }
    }

    /// Flushes what is pending in a number of pipes. Whether there are more.
    pub(super) fn plan_some_flushes(&mut self, most: usize) -> bool {
        let Self { flush_lists: FlushLists { dirty, .. }, table, after, .. } = self;
        for _ in 0..most.min(dirty.len()) {
            let Some(entry) = dirty.pop_front().and_then(|id| table.get_mut(id)) else { continue };
            if entry.flush_state.was_dirty() && entry.has_pending() {
                after.flush.push(Arc::clone(&entry.pipe));
            }
        }
        !self.flush_lists.dirty.is_empty()
    }

    /// Lists the pipe again for the next flush of the stream; `false` where there is no stream. Under the same lock in which the end of
    /// a stream flushes everything, so either that finds this pipe or this finds no stream.
    pub(super) fn leave_to_stream(&mut self, id: PipeId) -> bool {
        if !self.streaming.is_active() || self.phase != Phase::Open {
            return false;
        }
        if let Some(entry) = self.table.get_mut(id) {
            if entry.flush_state.becomes_dirty() {
                self.flush_lists.dirty.push_back(id);
            }
            if entry.pending.is_enough() && entry.flush_state.becomes_due() {
                self.flush_lists.due.push(id);
            }
        }
        true
    }
}
