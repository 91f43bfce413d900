//! What is under the lock: it follows `core` of the engine.

use std::collections::VecDeque;

use super::{AfterUnlock, Core, Driver, Fault, LARGE, LARGE_SIZE, Outcome, RECV_LIMIT, SEND_LIMIT, Want};
use crate::check::perhaps;
use crate::streams::streaming::SendMode;

/// Sends of a burst, in a row, that begin a stream.
const STREAM: usize = 4;

/// The memory that a message takes.
fn size(message: u32) -> usize {
    if message >= LARGE { LARGE_SIZE } else { 1 }
}

impl Core {
    /// As they are in `wait_queue` and `core` of the engine.
    pub(super) fn assert_invariants(&self) {
        let is_met = |want| match want {
            Want::Message => !self.inbox.is_empty(),
            Want::Room | Want::Peers => false,
        };
        assert!(self.wait_queue.keeps_i1(is_met, self.futures), "I1 is broken");
        assert!(self.wait_queue.keeps_i3(), "I3 is broken");
        let read_on = self.pending_readiness.readable || self.inbox.len() * 2 > RECV_LIMIT;
        assert!(!self.paused || read_on, "I4 is broken");
    }

    pub(super) fn pop(&mut self) -> Option<u32> {
        if self.is_barred(Want::Message) {
            return None;
        }
        let message = self.inbox.pop_front()?;
        if self.paused && self.inbox.len() * 2 <= RECV_LIMIT {
            self.paused = false;
            self.pending_readiness.readable = true;
            if self.fault == Fault::ResumesInSecret {
                (self.paused, self.pending_readiness.readable) = (true, false);
            } else if !matches!(self.fault, Fault::ResumingWakesNobody | Fault::NotesAreLeft) {
                self.wait_queue.wake_driver_lazily();
            }
        }
        Some(message)
    }

    pub(super) fn attempt_send(&mut self, message: u32) -> Option<(Outcome<()>, bool)> {
        if self.closed {
            return Some((Outcome::Closed, true));
        }
        self.lacking = false;
        if self.push(message) {
            return Some((Outcome::Done(()), true));
        }
        let barred = self.wait_queue.bars(Want::Room) && self.wait_queue.least_barred() > 0;
        if self.fault != Fault::LacksInSecret {
            self.wait_queue.note_lack(Want::Room, if self.lacking || barred { size(message) } else { 0 });
        }
        self.plan_all_flushes();
        None
    }

    /// Whether there was room.
    pub(super) fn push(&mut self, message: u32) -> bool {
        if self.is_barred(Want::Room)
            && (size(message) >= self.wait_queue.least_barred() || self.fault == Fault::BarsAll)
        {
            return false;
        }
        if self.queued >= SEND_LIMIT {
            self.flush_state.refuse();
            return false;
        }
        if size(message) > self.memory {
            self.lacking = true;
            return false;
        }
        let passes = size(message) < self.wait_queue.least_barred();
        assert!(passes || !self.wait_queue.bars(Want::Room), "one that goes first is overtaken");
        self.memory -= size(message);
        self.pending.push_back(message);
        self.queued += 1;
        self.dirty |= self.flush_state.becomes_dirty();
        self.due |= self.pending.len() >= SEND_LIMIT && self.flush_state.becomes_due();
        self.in_a_row = if perhaps() { self.in_a_row + 1 } else { 0 };
        let streams = self.in_a_row >= STREAM;
        match self.streaming.send(|| streams) {
            SendMode::Immediate => self.plan_all_flushes(),
            SendMode::BeginStream => {
                self.begin_stream = true;
                self.plan_due();
            }
            SendMode::Stream => self.plan_due(),
        }
        true
    }

    /// The driver of a socket that is over keeps nothing.
    pub(super) fn empty(&self, driver: &mut Driver) {
        if self.over && self.fault != Fault::DriverKeepsItsPipes {
            driver.readable = false;
        }
    }

    /// Whether this is to be left to somebody who was overtaken.
    fn is_barred(&self, want: Want) -> bool {
        self.wait_queue.bars(want) && self.fault != Fault::Overtakes
    }

    /// Takes back what a writer who was refused has not begun.
    pub(super) fn reclaim(&mut self, in_flight: &mut VecDeque<u32>) {
        in_flight.append(&mut self.pending);
        std::mem::swap(in_flight, &mut self.pending);
    }

    /// Gives a writer what it may take.
    pub(super) fn take_batch(&mut self, in_flight: &mut VecDeque<u32>) {
        if self.displaces && self.fault != Fault::TakesEverything {
            in_flight.extend(self.pending.drain(..SEND_LIMIT / 2));
        } else {
            std::mem::swap(&mut self.pending, in_flight);
        }
    }

    pub(super) fn plan_all_flushes(&mut self) {
        if std::mem::take(&mut self.dirty)
            && !(self.fault == Fault::ListedNowhere && self.flush_state.is_blocked())
        {
            self.flush |= self.flush_state.was_dirty() && !self.pending.is_empty();
        }
    }

    pub(super) fn plan_due(&mut self) {
        if std::mem::take(&mut self.due) {
            self.flush |= self.flush_state.was_due() && !self.pending.is_empty();
        }
    }

    pub(super) fn leave_to_stream(&mut self) -> bool {
        if !self.streaming.is_active() && self.fault != Fault::LeftToNoStream {
            return false;
        }
        if self.fault != Fault::LeftUnlisted {
            self.dirty |= self.flush_state.becomes_dirty();
            self.due |= self.pending.len() >= SEND_LIMIT && self.flush_state.becomes_due();
        }
        true
    }

    pub(super) fn add_todo(&mut self, after: &mut AfterUnlock) {
        after.flush |= std::mem::take(&mut self.flush);
        after.begin_stream |= std::mem::take(&mut self.begin_stream);
        after.wakeups.extend(self.wait_queue.take_wakeups());
    }
}
