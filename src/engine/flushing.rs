//! The writing side: what a pipe has pending goes to its transport.
//!
//! A writer holds the pipe's write lock, takes what is pending from under the socket's lock, and writes with that
//! released. A pipe the system refuses is *blocked*: nobody tries again but whoever sees its writable edge. The edge is
//! asked for after the pipe was marked, and asking reports room that is there already, so none is lost.

use std::io::{self, IoSlice};
use std::sync::Arc;

use hubless_transport::{Connection, Wait};
use mio::Interest;
use smallvec::SmallVec;

use super::blocking::Host;
use super::core::{Todo, Want};
use super::outbound::{Amount, Outbound};
use super::pace::FLUSH;
use super::pipe::{Pipe, WriteSide};
use super::socket::Socket;
use super::sync::MutexGuard;
use crate::patterns::Pattern;

/// Octets of encode buffer that a pipe keeps when it is quiet.
const QUIET_BUFFER: usize = 1024;

impl<P: Pattern> Socket<P> {
    /// Writes what the pipe has pending, until there is nothing or the system takes no more. What that leaves to be done is
    /// added to `todo`.
    pub(crate) fn flush(&self, pipe: &Arc<Pipe>, todo: &mut Todo) {
        let mut side = pipe.write.lock();
        let mut left = Amount::default();
        let mut first = true;
        loop {
            if side.in_flight.is_empty() && !self.refill(pipe, &mut side, &mut left, first, todo) {
                return;
            }
            first = false;
            match side.write(&pipe.connection) {
                Ok(written) => left.add(written),
                Err(error) => {
                    self.settle(pipe, &mut side, left, todo);
                    return self.stopped(pipe, &mut side, &error, todo);
                }
            }
        }
    }

    /// Counts what has left, and takes what is pending; whether there is anything. A writer that has written once leaves a
    /// small rest to the stream it belongs to, but only one that is listed as dirty: whatever came while the pipe was blocked
    /// is listed nowhere.
    fn refill(
        &self,
        pipe: &Pipe,
        side: &mut MutexGuard<'_, WriteSide>,
        left: &mut Amount,
        first: bool,
        todo: &mut Todo,
    ) -> bool {
        let left = std::mem::take(left);
        let Some(mut core) = self.settle_locked(pipe, side, left, todo) else { return false };
        let streaming = core.state.pace.is_streaming();
        let Some(entry) = core.state.table.get_mut(pipe.id) else { return false };
        entry.blocked = false;
        let pending = entry.pending.amount();
        if pending.messages == 0 || (!first && entry.dirty && pending.octets < FLUSH) {
            drop(core);
            if !streaming {
                side.in_flight.recycle(QUIET_BUFFER);
            }
            return false;
        }
        std::mem::swap(&mut entry.pending, &mut side.in_flight);
        true
    }

    fn settle(&self, pipe: &Pipe, side: &mut MutexGuard<'_, WriteSide>, left: Amount, todo: &mut Todo) {
        drop(self.settle_locked(pipe, side, left, todo));
    }

    /// Counts what has left the pipe, and tells the pattern of new room if it is owed that. Nothing if the pipe is gone.
    fn settle_locked(
        &self,
        pipe: &Pipe,
        side: &mut MutexGuard<'_, WriteSide>,
        left: Amount,
        todo: &mut Todo,
    ) -> Option<MutexGuard<'_, super::core::Core<P>>> {
        if side.removed {
            return None;
        }
        let limit = self.options.send_buffer;
        let mut core = self.lock();
        let entry = core.state.table.get_mut(pipe.id)?;
        entry.queued.subtract(left);
        core.state.memory.subtract(left.octets);
        let entry = core.state.table.get_mut(pipe.id)?;
        if entry.refused && entry.queued.is_half_of(limit) {
            entry.refused = false;
            core.step(|pattern, fx| pattern.pipe_writable(pipe.id, fx));
            core.state.turns.satisfied(Want::Room);
        }
        if let Some(more) = core.state.take_todo() {
            todo.merge(more);
        }
        Some(core)
    }

    /// The transport took no more: it has no room now, or the connection is broken.
    fn stopped(
        &self,
        pipe: &Arc<Pipe>,
        side: &mut MutexGuard<'_, WriteSide>,
        error: &io::Error,
        todo: &mut Todo,
    ) {
        if side.removed {
            return;
        }
        let mut core = self.lock();
        if let Some(entry) = core.state.table.get_mut(pipe.id) {
            entry.blocked = true;
        }
        if error.kind() != io::ErrorKind::WouldBlock {
            // The reading side finds the end, after what the peer sent before it.
            core.state.note_readable(pipe.id);
            core.state.turns.nudge();
        }
        if let Some(more) = core.state.take_todo() {
            todo.merge(more);
        }
        drop(core);
        if error.kind() == io::ErrorKind::WouldBlock {
            self.watch_writable(pipe, side, true);
        }
    }

    /// Asks for writable edges, or no longer.
    pub(crate) fn watch_writable(&self, pipe: &Pipe, side: &mut MutexGuard<'_, WriteSide>, on: bool) {
        let Connection::Stream(stream) = &pipe.connection else { return };
        let interest = if on { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        let wait = Wait::renewed(self, self.notifier(pipe.id), interest);
        side.watching = on;
        if let Err(error) = stream.watch(&wait) {
            log::error!("a pipe to {} can no longer be watched: {error}", pipe.peer.address);
        }
    }
}

impl WriteSide {
    /// Writes once; what has left by it.
    fn write(&mut self, connection: &Connection) -> io::Result<Amount> {
        match (connection, &mut self.in_flight) {
            (Connection::Stream(stream), Outbound::Frames(frames)) => {
                let before = frames.octets();
                let mut slices: SmallVec<[IoSlice<'_>; 16]> = SmallVec::new();
                frames.slices(&mut slices);
                let written = stream.write(&slices)?;
                drop(slices);
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                let messages = frames.advance(written);
                Ok(Amount { messages, octets: before - frames.octets() })
            }
            (Connection::Messages(whole), Outbound::Packets(packets)) => {
                whole.send(&mut packets.queue)?;
                Ok(packets.taken())
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}
