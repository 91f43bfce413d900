//! Who gets memory when it is short, and who waits for it. The rules are in `quota.rs`.
//!
//! One that is refused marks itself and says that it wants memory, and only then looks for the last time, all under the
//! socket's lock.

use std::ops::Range;

use hubless_protocol::patterns::{Full, PipeId, Queueing};
use hubless_transport::{Connection, Message};

use super::core::{State, Want};
use super::inbox::AnyInboxes;
use super::memory::arriving::Arriving;
use super::memory::overcommit::Waiting;
use super::memory::quota::{Quota, RESERVE};
use super::overcommit::{goes_beyond, identity, leaves_beyond};
use super::pipe::send_queue::ROOM;
use super::pipe::table::Entry;

/// What may be read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ration {
    Unlimited,
    /// At most this many bytes.
    Bytes(usize),
}

/// What is known of a pipe that is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intake {
    /// Bytes that are here and were not delivered.
    pub(super) here: usize,
    /// Bytes that the next read may bring.
    pub(super) next: usize,
    /// Whether it is within a large body.
    pub(super) within_body: bool,
    /// Messages that the pipe has given so far.
    pub(super) messages: u64,
}

impl State {
    /// Looks whether a pipe has room and memory for a message of this size after all, where a first look has found none. If
    /// not, the pattern has to be told of it.
    #[cold]
    #[inline(never)]
    pub(super) fn find_room(
        &mut self,
        id: PipeId,
        bytes: usize,
        shared: Option<&Message>,
        inboxes: &mut dyn AnyInboxes,
    ) -> Result<(), Full> {
        let limit = self.send_limit;
        let has_room = self.table.get(id).is_some_and(|entry| entry.queued.is_below(limit));
        if has_room && self.find_memory(id, bytes, shared, inboxes) {
            return Ok(());
        }
        self.memory.lacking |= has_room;
        if let Some(entry) = self.table.get_mut(id) {
            entry.flush_state.refuse();
        }
        Err(Full)
    }

    /// Whether there is memory for a message of this size that is to leave through a pipe with room.
    fn find_memory(
        &mut self,
        id: PipeId,
        bytes: usize,
        shared: Option<&Message>,
        inboxes: &mut dyn AnyInboxes,
    ) -> bool {
        let queueing = self.table.queueing();
        let again = self.memory.resends.and_then(|key| inboxes.kept(key));
        let own = again.as_ref().map_or(0, |request| request.within());
        let Some(entry) = self.table.get_mut(id) else { return false };
        // A request that is sent again has its memory, in which it waits for its answer, and its body is the same. Without this, requests
        // that fill half of the memory would wait for ever once their server is gone.
        if own > 0 && entry.queued.messages == 0 {
            return true;
        }
        let held = entry.queued.bytes + self.memory.kept().saturating_sub(own);
        if self.memory.has_room_beside(held, bytes, own) {
            return true;
        }
        if entry.queued.bytes + bytes <= RESERVE {
            return true;
        }
        let body = shared.map(identity);
        // What goes to all or none was asked for before, and has the place beyond the limit if it needs it.
        if queueing == Queueing::AllOrNone {
            if entry.beyond.is_none() && self.memory.excess.take(body, true) {
                leaves_beyond(entry, &mut self.memory, bytes);
            }
            return true;
        }
        let waits = queueing == Queueing::Waiting;
        // Behind others only where that is likely to get on: by the pipe that has last taken something.
        let insists =
            (self.memory.insists || self.memory.resends_again) && entry.moved >= self.memory.moved_last;
        let alone = entry.queued.messages == 0 || insists;
        if alone && entry.beyond.is_none() && goes_beyond(&mut self.memory, again, body, waits) {
            leaves_beyond(entry, &mut self.memory, bytes);
            return true;
        }
        // Where nobody waits, nobody is to be told.
        if !waits {
            return false;
        }
        // The oldest that waits, and the next only when that has gone.
        if self.memory.refused.is_none_or(|key| inboxes.kept(key).is_none()) {
            self.memory.refused = self.memory.resends;
        }
        self.memory.excess.want();
        self.memory.want();
        self.memory.has_room_beside(held, bytes, own)
    }

    /// Whether there is memory for a message of this size for each pipe. It goes beyond the limit if it has the place for that, where nothing
    /// else is queued, or it has waited: then it is one message, whose body all share.
    pub(super) fn has_memory_for_all(&mut self, bytes: usize) -> bool {
        let all = bytes.saturating_mul(self.table.len());
        if self.memory.fits(0, all) || self.memory.has_room(0, all) {
            return true;
        }
        let mut queued = false;
        for entry in self.table.iter_mut().filter(|entry| entry.queued.messages > 0) {
            entry.flush_state.refuse();
            queued = true;
        }
        if (!queued || self.memory.insists) && self.memory.excess.is_free() {
            return true;
        }
        self.memory.excess.want();
        self.memory.want();
        let room = self.memory.has_room(0, all);
        self.memory.lacking |= !room;
        room
    }

    /// Whether a message that is here may be given to the pattern, where memory is short. It is counted already, so it may if
    /// nothing else of its pipe waits for the user.
    #[cold]
    #[inline(never)]
    pub(super) fn may_deliver(&mut self, id: PipeId, bytes: usize, inboxes: &mut dyn AnyInboxes) -> bool {
        let Some(entry) = self.table.get_mut(id) else { return false };
        if entry.is_taken() || self.memory.has_room(received(entry, &self.memory, bytes), 0) {
            return true;
        }
        if self.makes_way_for_answers(id, bytes, inboxes) {
            return true;
        }
        self.find_enough(id, |entry, memory| memory.has_room(received(entry, memory, bytes), 0))
    }

    /// What may be read of a pipe. If nothing may, none: it is noted what that waits for.
    #[inline]
    pub(super) fn may_fill(
        &mut self,
        id: PipeId,
        intake: Intake,
        inboxes: &mut dyn AnyInboxes,
    ) -> Option<Ration> {
        let Some(entry) = self.table.get_mut(id) else { return Some(Ration::Unlimited) };
        if self.memory.fits(received(entry, &self.memory, intake.here), intake.next) {
            return Some(Ration::Unlimited);
        }
        self.ration(id, intake, inboxes)
    }

    #[cold]
    #[inline(never)]
    fn ration(&mut self, id: PipeId, intake: Intake, inboxes: &mut dyn AnyInboxes) -> Option<Ration> {
        let bytes = intake.here;
        loop {
            let entry = self.table.get_mut(id)?;
            let room = self.memory.room(received(entry, &self.memory, bytes));
            if room >= RESERVE {
                return Some(Ration::Bytes(room));
            }
            if entry.is_taken() && bytes < RESERVE && matches!(*entry.pipe.connection, Connection::Stream(_))
            {
                return Some(Ration::Bytes(RESERVE - bytes));
            }
            if entry.is_taken() && self.memory.finishing.take(id.number) {
                entry.finishing.get_or_insert(Arriving::begin(intake.messages, bytes));
                return Some(if intake.within_body { Ration::Unlimited } else { Ration::Bytes(RESERVE) });
            }
            if self.makes_way_for_answers(id, bytes, inboxes) {
                continue;
            }
            if !self.find_enough(id, |entry, memory| memory.room(received(entry, memory, bytes)) >= RESERVE) {
                return None;
            }
        }
    }

    /// Whether `enough` finds memory for a pipe now that it is wanted. If not, the pipe is starved: it is not read until there is.
    fn find_enough(&mut self, id: PipeId, enough: impl Fn(&Entry, &Quota) -> bool) -> bool {
        let Some(entry) = self.table.get_mut(id) else { return false };
        self.memory.want();
        entry.starved = !enough(entry, &self.memory);
        self.memory.hoards |= entry.starved && entry.answers > 0;
        !entry.starved
    }

    /// After a stretch: what has been read of this pipe and was not delivered is charged, and one that has had its turn beyond
    /// the limit gives it up.
    #[inline]
    pub(super) fn charge(&mut self, id: PipeId, bytes: usize, messages: u64) {
        let Some(entry) = self.table.get_mut(id) else { return };
        let before = std::mem::replace(&mut entry.buffered, bytes);
        let queue = entry.untaken() + bytes;
        let whole = entry.finishing.as_mut().is_some_and(|arriving| {
            let (before, now) = arriving.grow(queue, messages);
            self.memory.goes_beyond(before, now);
            arriving.has_come(messages)
        });
        if bytes > before {
            self.memory.add(bytes - before);
        } else {
            self.memory.subtract(before - bytes);
        }
        if whole && self.table.get(id).is_some_and(Entry::is_taken) {
            self.end_turn(id);
        }
    }

    /// The user has taken something that came by this pipe: it may be read on.
    #[cold]
    #[inline(never)]
    pub(super) fn read_on(&mut self, id: PipeId) {
        let Some(entry) = self.table.get_mut(id) else { return };
        let taken = entry.is_taken();
        let fed = entry.starved
            && (taken
                || self.memory.has_room(received(entry, &self.memory, entry.buffered), entry.untaken() / 2));
        let resumed = entry.paused && entry.held.has_room_again(self.recv_limit);
        if fed || resumed {
            (entry.paused, entry.starved) = (false, false);
            let wakes = entry.held.bytes >= ROOM;
            self.note_readable(id);
            if wakes { self.wait_queue.wake_driver() } else { self.wait_queue.wake_driver_lazily() }
        }
        let Some(entry) = self.table.get_mut(id) else { return };
        let queue = entry.untaken() + entry.buffered;
        let Some(arriving) = &mut entry.finishing else { return };
        if taken {
            return self.end_turn(id);
        }
        let (before, now) = arriving.shrink(queue);
        self.memory.goes_beyond(before, now);
    }

    /// This pipe was read to the end and nothing of a message is here: if it has the turn to finish one, it needs it no more.
    #[cold]
    #[inline(never)]
    pub(super) fn has_nothing_to_finish(&mut self, id: PipeId) {
        if self.table.get(id).is_some_and(|entry| entry.finishing.is_some() && entry.is_taken()) {
            self.end_turn(id);
        }
    }

    /// This pipe has finished its message beyond the limit, and that was taken, or it is gone: it is others' turn.
    pub(super) fn end_turn(&mut self, id: PipeId) {
        if let Some(entry) = self.table.get_mut(id) {
            let arriving = entry.finishing.take();
            entry.plans.arriving = None;
            self.memory.goes_beyond(arriving.map_or(0, |arriving| arriving.beyond()), 0);
        }
        if !self.memory.finishing.end(id.number) {
            return;
        }
        let waits = |entry: &Entry| entry.starved && entry.is_taken();
        let waiting = self.table.iter().filter(|entry| waits(entry)).map(|entry| Waiting {
            slot: entry.pipe.id.slot,
            ending: entry.ending,
            bytes: entry.buffered,
        });
        let first = self.memory.finishing.next(waiting);
        // The others, too: the first may find that it needs no turn. But they look after it.
        let mut ids: Vec<PipeId> =
            self.table.iter().filter(|entry| waits(entry)).map(|entry| entry.pipe.id).collect();
        ids.sort_by_key(|id| first.is_none_or(|first| first.slot != id.slot));
        for id in ids {
            self.feed(id);
        }
        self.wait_queue.wake_driver();
    }

    /// Has a pipe look again whether it may be read.
    pub(super) fn feed(&mut self, id: PipeId) {
        if let Some(entry) = self.table.get_mut(id) {
            entry.starved = false;
            self.note_readable(id);
        }
    }

    /// There is memory in the context: what was not read for want of it is read if it is enough, what was refused may be
    /// sent. Looks at the pipes in these slots; those of which the pattern is to be told.
    pub(super) fn relieve(&mut self, slots: Range<usize>) -> Vec<PipeId> {
        let mut writable = Vec::new();
        // Said before the look, as ever: those for whom it is not enough wait on.
        if self.table.iter_in(slots.clone()).any(|entry| entry.starved) {
            self.memory.want();
        }
        let begins = slots.start == 0;
        let mut fed = false;
        for slot in slots {
            let Some(entry) = self.table.at_mut(slot) else { continue };
            let id = entry.pipe.id;
            if entry.flush_state.take_writable_notice(entry.queued.has_room_again(self.send_limit)) {
                writable.push(id);
            }
            let room = self.memory.room(received(entry, &self.memory, entry.buffered));
            let turn = entry.is_taken() && self.memory.finishing.is_free();
            if entry.starved && (room >= RESERVE || turn) {
                self.feed(id);
                fed = true;
            }
        }
        if fed || begins {
            self.wait_queue.wake_driver();
        }
        if !writable.is_empty() || begins {
            self.wait_queue.notify_one(Want::Room);
        }
        writable
    }

    /// A pipe is gone: what came by it and was not taken is charged to nobody any more, what it had read is free, and what it had
    /// queued but for what `stays` counted.
    pub(super) fn settle_memory(&mut self, id: PipeId, entry: &Entry, stays: usize) {
        let arriving = entry.finishing.map_or(0, |arriving| arriving.beyond());
        let leaving = entry.beyond.map_or(0, |leaving| leaving.beyond());
        let free = entry.queued.bytes - stays + entry.buffered + entry.controls_waiting();
        self.memory.subtract_beyond(free, (arriving + leaving, 0));
        self.memory.leave_behind(entry.untaken());
        if entry.beyond.is_some() {
            self.memory.give_back_excess();
        }
        self.memory.set_aside(self.table.len());
        self.end_turn(id);
    }
}

/// How large the queue is that arrives by a pipe of which so much was read and not delivered.
#[inline]
pub(super) fn received(entry: &Entry, memory: &Quota, bytes: usize) -> usize {
    entry.untaken() + bytes + memory.orphaned()
}
