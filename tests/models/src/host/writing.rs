//! The writing side: it follows `flushing` of the engine.

use std::io;

use super::{AfterUnlock, Core, Fault, SEND_LIMIT, Socket, Want, WriteSide};
use crate::background::Command;
use crate::pipe::flush_state::{self, Blocked, FlushTarget, Pending};
use crate::sys::sync::MutexGuard;

impl Socket {
    pub(super) fn act(&self, mut after: AfterUnlock) {
        while std::mem::take(&mut after.flush) {
            self.flush_unless_busy(&mut after);
        }
        for wakeups in after.wakeups {
            let (hand_off, serve) = (wakeups.hand_off, wakeups.serve);
            wakeups.wake();
            if hand_off && !self.is(Fault::HandedOffInSecret) {
                self.background.tell(Command::HandOff);
            }
            if serve && !self.is(Fault::ServedInSecret) {
                self.background.tell(Command::Serve);
            }
        }
        if after.begin_stream && !self.is(Fault::NoNaps) {
            self.background.tell(Command::Stream);
        }
    }

    pub(super) fn flush(&self, after: &mut AfterUnlock, by_edge: bool) {
        let side = self.write.lock();
        flush_state::flush(&mut Writing { socket: self, side, left: 0, after, by_edge });
    }

    pub(super) fn flush_unless_busy(&self, after: &mut AfterUnlock) {
        let Some(side) = self.write.try_lock() else {
            if !self.core.lock().leave_to_stream() {
                self.flush(after, false);
            }
            return;
        };
        flush_state::flush(&mut Writing { socket: self, side, left: 0, after, by_edge: false });
    }

    pub(super) fn write_on(&self, after: &mut AfterUnlock) {
        let blocked = self.core.lock().flush_state.is_blocked();
        if blocked {
            return self.flush(after, true);
        }
        let Some(mut side) = self.write.try_lock() else { return };
        let still_free = !self.core.lock().flush_state.is_blocked();
        if still_free && side.watching {
            side.watching = false;
            self.kernel.want_writable(false);
        }
    }
}

struct Writing<'a> {
    socket: &'a Socket,
    side: MutexGuard<'a, WriteSide>,
    left: usize,
    after: &'a mut AfterUnlock,
    by_edge: bool,
}

impl<'a> Writing<'a> {
    fn settle(&mut self) -> MutexGuard<'a, Core> {
        let mut core = self.socket.core.lock();
        core.queued -= std::mem::take(&mut self.left);
        let half_free = core.queued * 2 <= SEND_LIMIT;
        let tells = match self.socket.fault {
            Fault::RoomIsKeptSecret => false,
            Fault::OnlyTheEdgeTells => self.by_edge,
            _ => true,
        };
        if tells && core.flush_state.take_writable_notice(half_free) {
            core.wait_queue.notify_one(Want::Room);
        }
        core.add_todo(self.after);
        core
    }
}

impl FlushTarget for Writing<'_> {
    fn has_taken(&self) -> bool {
        !self.side.in_flight.is_empty()
    }

    fn refill(&mut self, first: bool) -> bool {
        if self.side.removed {
            return false;
        }
        let mut core = self.settle();
        let pending = match core.pending.len() {
            0 => Pending::Nothing,
            1 if !first && self.socket.is(Fault::RestOfAnUnlistedPipe) => Pending::Nothing,
            1 => Pending::Little,
            _ => Pending::Enough,
        };
        let refilled = core.flush_state.refill(first, pending);
        if refilled {
            core.take_batch(&mut self.side.in_flight);
        }
        refilled
    }

    fn owes(&self) -> bool {
        self.socket.kernel.buffers()
            && !self.side.removed
            && !self.socket.is(Fault::BuffersAreForgotten)
            && (self.side.buffered > 0 || self.socket.kernel.wants_write())
    }

    fn write(&mut self) -> io::Result<()> {
        let kernel = &self.socket.kernel;
        if kernel.buffers() {
            if !self.side.in_flight.is_empty() && self.side.buffered == 0 && !kernel.wants_write() {
                self.side.buffered = kernel.write(&mut self.side.in_flight)?;
            }
            kernel.flush()?;
            self.left += std::mem::take(&mut self.side.buffered);
            return Ok(());
        }
        self.left += self.socket.kernel.write(&mut self.side.in_flight)?;
        Ok(())
    }

    fn block(&mut self, _: &io::Error) -> Blocked {
        if self.socket.is(Fault::AskedBeforeMarked) {
            self.socket.kernel.want_writable(true);
        }
        let mut core = self.settle();
        let blocked = core.flush_state.block();
        core.add_todo(self.after);
        blocked
    }

    fn ask(&mut self) -> bool {
        if !self.socket.kernel.has_edges() {
            return self.socket.is(Fault::NoSecondTry);
        }
        self.side.watching = true;
        if !self.socket.is(Fault::AskedBeforeMarked) {
            self.socket.kernel.want_writable(true);
        }
        true
    }
}
