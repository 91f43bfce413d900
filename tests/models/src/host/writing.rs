//! The writing side: it follows `flushing` of the engine.

use std::io;

use super::{Core, Fault, SEND_LIMIT, Socket, Todo, Want, WriteSide};
use crate::background::Command;
use crate::pipe::outflow::{self, Blocked, Outlet, Pending};
use crate::sys::sync::MutexGuard;

impl Socket {
    pub(super) fn act(&self, mut todo: Todo) {
        while std::mem::take(&mut todo.flush) {
            self.flush_unless_busy(&mut todo);
        }
        for calls in todo.calls {
            let (lend, serve) = (calls.lend, calls.serve);
            calls.wake();
            if lend && !self.is(Fault::LentInSecret) {
                self.desk.tell(Command::Lent);
            }
            if serve && !self.is(Fault::ServedInSecret) {
                self.desk.tell(Command::Serve);
            }
        }
        if todo.begin_stream && !self.is(Fault::NoNaps) {
            self.desk.tell(Command::Stream);
        }
    }

    pub(super) fn flush(&self, todo: &mut Todo, by_edge: bool) {
        let side = self.write.lock();
        outflow::flush(&mut Writing { socket: self, side, left: 0, todo, by_edge });
    }

    pub(super) fn flush_unless_busy(&self, todo: &mut Todo) {
        let Some(side) = self.write.try_lock() else {
            if !self.core.lock().leave_to_stream() {
                self.flush(todo, false);
            }
            return;
        };
        outflow::flush(&mut Writing { socket: self, side, left: 0, todo, by_edge: false });
    }

    pub(super) fn write_on(&self, todo: &mut Todo) {
        let blocked = self.core.lock().flow.is_blocked();
        if blocked {
            return self.flush(todo, true);
        }
        let Some(mut side) = self.write.try_lock() else { return };
        let still_free = !self.core.lock().flow.is_blocked();
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
    todo: &'a mut Todo,
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
        if tells && core.flow.owes_word(half_free) {
            core.turns.satisfied(Want::Room);
        }
        core.add_todo(self.todo);
        core
    }
}

impl Outlet for Writing<'_> {
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
        let refilled = core.flow.refill(first, pending);
        if refilled {
            core.take_batch(&mut self.side.in_flight);
        }
        refilled
    }

    fn write(&mut self) -> io::Result<()> {
        self.left += self.socket.kernel.write(&mut self.side.in_flight)?;
        Ok(())
    }

    fn block(&mut self, _: &io::Error) -> Blocked {
        if self.socket.is(Fault::AskedBeforeMarked) {
            self.socket.kernel.want_writable(true);
        }
        let mut core = self.settle();
        let blocked = core.flow.block();
        core.add_todo(self.todo);
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
