//! The effects of a pattern on its socket: plain data changes at once, everything else is noted.

use std::sync::Arc;

use hubless_protocol::patterns::{Effects, Ending, Full, Inbox, Key, Loss, PipeId, Share, Time};
use hubless_protocol::{Control, ControlRefused};
use hubless_transport::Message;

use super::core::{State, Want};
use super::inbox::{Inboxes, Received};
use super::overcommit::may_make_room;
use super::pipe::send_queue::{QueueSize, SendQueue};

/// The effects of a pattern on its socket.
#[derive(Debug)]
pub(crate) struct Fx<'a, O> {
    pub(super) state: &'a mut State,
    pub(super) inboxes: &'a mut Inboxes<O>,
}

impl<O: Send> Effects<O> for Fx<'_, O> {
    fn now(&self) -> Time {
        self.state.clock.now()
    }

    #[inline]
    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full> {
        let bytes = header.len() + body.len();
        self.state.push(pipe, bytes, None, |pending| pending.push(header, body), self.inboxes)
    }

    #[inline]
    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full> {
        let bytes = header.len() + body.len();
        let append = |pending: &mut SendQueue| pending.push_shared(header, body);
        self.state.push(pipe, bytes, Some(body), append, self.inboxes)
    }

    fn send_control(&mut self, pipe: PipeId, control: Control<'_>) -> Result<(), ControlRefused> {
        self.state.send_control(pipe, control)
    }

    #[cold]
    fn note_interruptions(&mut self, pipe: PipeId, interruptions: u8) {
        if let Some(entry) = self.state.table.get_mut(pipe)
            && let Some(place) = entry.pending.size().messages.checked_sub(1)
        {
            entry.interruptions.set(place, interruptions);
        }
    }

    #[cold]
    fn keeps(&mut self, bytes: usize) {
        self.state.memory.keep_returned(bytes);
    }

    fn resends(&mut self, key: Key) {
        let memory = &mut self.state.memory;
        (memory.resends, memory.resends_again) = (Some(key), memory.refused == Some(key));
        if memory.resends_again {
            self.state.find_moving();
        }
    }

    fn insists(&self) -> bool {
        let memory = &self.state.memory;
        (memory.insists || memory.resends_again) && memory.excess.is_free()
    }

    fn resent(&mut self, sent: bool) {
        let memory = &mut self.state.memory;
        if sent && memory.resends_again {
            memory.refused = None;
        }
        (memory.resends, memory.resends_again) = (None, false);
    }

    #[inline]
    fn has_room(&mut self, pipe: PipeId) -> bool {
        let limit = self.state.send_limit;
        let Some(entry) = self.state.table.get_mut(pipe) else { return false };
        let room = entry.queued.is_below(limit);
        if !room {
            entry.flush_state.refuse();
        }
        room
    }

    fn queued(&self, pipe: PipeId) -> usize {
        self.state.table.get(pipe).map_or(0, |entry| entry.queued.messages)
    }

    fn has_memory(&mut self, bytes: usize) -> bool {
        self.state.has_memory_for_all(bytes)
    }

    fn drop_oldest(&mut self, pipe: PipeId, refused: &Message) -> bool {
        let Some(entry) = self.state.table.get_mut(pipe) else { return false };
        // Only tried, because it comes before the socket's lock. Who has it is writing what it took, and that has begun.
        if let Some(mut side) = entry.pipe.write.try_lock() {
            entry.pending.reclaim(&mut side.in_flight);
        }
        if !may_make_room(entry, &self.state.memory, refused, self.state.send_limit) {
            return false;
        }
        let in_flight = entry.in_flight().bytes;
        let Some(bytes) = entry.pending.drop_oldest() else { return false };
        entry.queued.subtract(QueueSize::one(bytes));
        match &mut entry.beyond {
            Some(leaving) => {
                let change = leaving.one_dropped(in_flight, bytes);
                self.state.shrinks_beyond(pipe, bytes, change);
            }
            None => self.state.memory.subtract(bytes),
        }
        true
    }

    #[inline]
    fn deliver(&mut self, inbox: Inbox, pipe: PipeId, origin: O, body: Message) {
        let state = &mut *self.state;
        let bytes = body.len();
        let received = Received { body, pipe, origin };
        let cost = received.cost();
        match inbox {
            Inbox::Socket => {
                if let Some(entry) = state.table.get_mut(pipe) {
                    entry.traffic.receive(bytes);
                    entry.held.add(QueueSize::one(bytes));
                    entry.paused = !entry.held.is_below(state.recv_limit);
                }
                self.inboxes.socket.push_back(received);
            }
            Inbox::Keyed(key) => {
                let fits = self.inboxes.deliver(key, received);
                return self.answered(key, pipe, fits, bytes, cost);
            }
        }
        state.memory.add(cost);
        state.counters.stats.received += 1;
        state.counters.stats.received_bytes += bytes as u64;
        state.wait_queue.notify_one(Want::Message(inbox));
    }

    fn deliver_answer(&mut self, key: Key, pipe: PipeId, origin: O, body: Message, share: Share) {
        let received = Received { body, pipe, origin };
        let (bytes, cost) = (received.body.len(), received.cost());
        let peer = self.state.table.get(pipe).map(|entry| Arc::clone(&entry.pipe.peer));
        let fits = self.inboxes.deliver_share(key, received, share, peer);
        self.answered(key, pipe, fits, bytes, cost);
    }

    fn open(&mut self, key: Key, limit: usize, kept: usize) {
        let memory = &mut self.state.memory;
        let beyond = kept > 0 && memory.excess.keep();
        memory.keep(kept, beyond);
        self.inboxes.open(key, limit, kept, beyond);
    }

    #[inline]
    fn is_open(&self, key: Key) -> bool {
        self.inboxes.has(key)
    }

    fn finish(&mut self, key: Key, ending: Ending) {
        let kept = self.inboxes.finish(key, ending);
        self.state.memory.forget(kept.bytes, kept.beyond);
        self.state.wait_queue.notify_one(Want::Message(Inbox::Keyed(key)));
        self.state.wait_queue.notify_one(Want::Room);
    }

    fn arm(&mut self, at: Option<Time>) {
        self.state.want_timer(at);
    }

    fn count(&mut self, loss: Loss) {
        self.state.lost(loss, 1);
    }

    fn count_for(&mut self, pipe: PipeId, loss: Loss) {
        self.state.lost_at(pipe, loss);
    }
}

impl<O: Send> Fx<'_, O> {
    /// An answer is in its inbox, or did not fit.
    #[inline]
    fn answered(&mut self, key: Key, pipe: PipeId, fits: bool, bytes: usize, cost: usize) {
        let state = &mut *self.state;
        if !fits {
            return self.count_for(pipe, Loss::InboxFull);
        }
        if let Some(entry) = state.table.get_mut(pipe) {
            entry.traffic.receive(bytes);
            entry.answers += cost;
        }
        state.memory.add(cost);
        state.counters.stats.received += 1;
        state.counters.stats.received_bytes += bytes as u64;
        state.wait_queue.notify_one(Want::Message(Inbox::Keyed(key)));
    }
}

/// What tests look at, together with what they do.
#[cfg(test)]
impl<O: Send> Fx<'_, O> {
    /// What the socket uses of the context's memory.
    pub(crate) fn memory_used(&self) -> usize {
        self.state.memory.used()
    }

    /// What a writer says when it has written controls of this cost.
    pub(crate) fn controls_have_left(&mut self, pipe: PipeId, cost: usize) {
        self.state.controls_have_left(pipe, cost);
    }

    /// How many pipes are listed that have enough for a write while streaming.
    pub(crate) fn listed_as_due(&self) -> usize {
        self.state.flush_lists.due()
    }

    /// Whether the system takes no more for this pipe.
    pub(crate) fn is_blocked(&self, pipe: PipeId) -> bool {
        self.state.table.get(pipe).is_some_and(|entry| entry.flush_state.is_blocked())
    }
}
