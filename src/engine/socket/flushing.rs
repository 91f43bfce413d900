//! The writing side: what a pipe has pending goes to its transport.
//!
//! A writer holds the pipe's write lock, takes what is pending from under the socket's lock, and writes with that
//! released. The protocol is in `flush_state`.

use std::io::{self, IoSlice};
use std::sync::Arc;

use hubless_protocol::wire::SLICES;
use hubless_transport::{Connection, Wait};
use mio::Interest;
use smallvec::SmallVec;

use super::burst;
use super::core::{AfterUnlock, Core, Want};
use super::pipe::connection::{Pipe, WriteSide};
use super::pipe::flush_state::{self, Blocked, FlushTarget, Pending};
use super::pipe::send_queue::{QueueSize, SendQueue};
use super::pipe::table::Entry;
use super::shared::AnySocket;
use super::sys::catch_panic::{Panicked, catch_panic};
use super::sys::sync::MutexGuard;
use super::wait::block_on::Waitable;

/// Bytes of encode buffer that a pipe keeps when it is quiet.
const QUIET_BUFFER: usize = 1024;

impl AnySocket {
    /// Writes what the pipe has pending, until there is nothing or the system takes no more. What that leaves to be done is
    /// added to `after`.
    pub(super) fn flush(&self, pipe: &Arc<Pipe>, after: &mut AfterUnlock) {
        let side = pipe.write.lock();
        flush_state::flush(&mut Writing { socket: self, pipe, side, left: QueueSize::default(), after });
    }

    /// The same, but while the socket streams nobody waits for somebody else who writes to this pipe, which takes longer than
    /// many sends: the pipe is left to the next send or flush interval.
    pub(super) fn flush_unless_busy(&self, pipe: &Arc<Pipe>, after: &mut AfterUnlock) {
        let Some(side) = pipe.write.try_lock() else {
            if !self.lock().state.leave_to_stream(pipe.id) {
                self.flush(pipe, after);
            }
            return;
        };
        flush_state::flush(&mut Writing { socket: self, pipe, side, left: QueueSize::default(), after });
    }

    /// Asks for writable edges, or no longer.
    pub(super) fn watch_writable(
        &self,
        pipe: &Pipe,
        side: &mut MutexGuard<'_, WriteSide>,
        on: bool,
        after: &mut AfterUnlock,
    ) {
        if !pipe.manner.asks_for_room {
            return;
        }
        let interest = if on { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        let wait = Wait::renewed(self, pipe.notifier(), interest);
        match catch_panic(|| pipe.link().watch(&wait)) {
            Ok(Ok(())) => side.watching = on,
            // Nobody would tell of new room: the pipe ends, and what it has goes back. Edges that nobody needs do no harm.
            Ok(Err(error)) if on => {
                let mut core = self.lock();
                core.state.note_broken(pipe.id, error.kind());
                keep_for_after_unlock(&mut core, after);
            }
            Ok(Err(_)) => {}
            Err(Panicked) => {
                side.panicked = true;
                let mut core = self.lock();
                core.state.note_panicked(pipe.id);
                keep_for_after_unlock(&mut core, after);
            }
        }
    }
}

/// Somebody writes to a pipe.
struct Writing<'a> {
    socket: &'a AnySocket,
    pipe: &'a Pipe,
    side: MutexGuard<'a, WriteSide>,
    /// Written and not yet counted.
    left: QueueSize,
    after: &'a mut AfterUnlock,
}

impl<'a> Writing<'a> {
    /// Counts what has left the pipe, and tells the pattern of new room if it is owed that. Nothing if the pipe is gone.
    fn settle(&mut self) -> Option<MutexGuard<'a, Core>> {
        let left = std::mem::take(&mut self.left);
        if self.side.removed {
            return None;
        }
        let (socket, id) = (self.socket, self.pipe.id);
        let mut core = socket.lock();
        let Core { state, pattern } = &mut *core;
        if left.messages > 0 && !state.streaming.is_active() {
            burst::note_write(state.clock.now());
        }
        let mut tell = self.side.controls_left > 0
            && state.controls_have_left(id, std::mem::take(&mut self.side.controls_left));
        let entry = state.table.get_mut(id)?;
        entry.queued.subtract(left);
        if left.bytes > 0 {
            entry.moved = state.memory.moved();
        }
        tell |=
            entry.flush_state.take_writable_notice(entry.queued.has_room_again(socket.options.send_buffer));
        // Before anybody is told of room: a large message that waits for the place beyond the limit finds it free then.
        if entry.beyond.is_some() {
            state.some_left(id, left.bytes);
        } else {
            state.memory.subtract(left.bytes);
        }
        if tell {
            pattern.pipe_writable(state, id);
            if pattern.may_send() {
                state.wait_queue.notify_one(Want::Room);
            }
        }
        keep_for_after_unlock(&mut core, self.after);
        Some(core)
    }
}

#[inline]
fn keep_for_after_unlock(core: &mut Core, after: &mut AfterUnlock) {
    if let Some(more) = core.state.take_after_unlock() {
        after.merge(more);
    }
}

impl FlushTarget for Writing<'_> {
    fn has_taken(&self) -> bool {
        !self.side.panicked && !self.pipe.has_ended() && !self.side.in_flight.is_empty()
    }

    fn owes(&self) -> bool {
        self.pipe.manner.buffers && self.side.owes(self.pipe)
    }

    fn refill(&mut self, first: bool) -> bool {
        if self.side.panicked {
            return false;
        }
        let Some(mut core) = self.settle() else { return false };
        let streaming = core.state.streaming.is_active();
        let Some(entry) = core.state.table.get_mut(self.pipe.id) else { return false };
        if entry.flush_state.refill(first, fill_of(entry)) {
            let WriteSide { in_flight, interruptions, .. } = &mut *self.side;
            entry.pending.take_batch(in_flight, self.socket.options.send_buffer);
            entry.interruptions.take_batch(interruptions, || in_flight.size().messages);
            return true;
        }
        drop(core);
        if !streaming {
            self.side.in_flight.recycle(QUIET_BUFFER);
        }
        false
    }

    fn write(&mut self) -> io::Result<()> {
        if self.pipe.manner.has_controls {
            let mut core = self.socket.lock();
            core.state.hand_over_controls(self.pipe.id, &mut self.side.in_flight);
        }
        // Once for all that is written together. It costs nothing measurable beside the call of the system.
        let left = catch_panic(|| self.side.write(self.pipe)).unwrap_or_else(|panicked| {
            self.side.panicked = true;
            Err(panicked.into())
        })?;
        self.left.add(left);
        Ok(())
    }

    /// With the connection broken nobody writes any more; the reading side finds the end, after what the peer sent before
    /// it. After a panic it reads nothing, and finds that.
    fn block(&mut self, error: &io::Error) -> Blocked {
        let Some(mut core) = self.settle() else { return Blocked::Gone };
        let Some(entry) = core.state.table.get_mut(self.pipe.id) else { return Blocked::Gone };
        let blocked = entry.flush_state.block();
        if self.side.panicked {
            core.state.note_panicked(self.pipe.id);
        } else if error.kind() != io::ErrorKind::WouldBlock {
            core.state.note_broken(self.pipe.id, error.kind());
        }
        keep_for_after_unlock(&mut core, self.after);
        blocked
    }

    fn ask(&mut self) -> bool {
        self.socket.watch_writable(self.pipe, &mut self.side, true, self.after);
        self.pipe.manner.asks_for_room
    }
}

fn fill_of(entry: &Entry) -> Pending {
    if entry.has_controls_pending() || entry.pending.is_enough() {
        Pending::Enough
    } else if entry.pending.is_empty() {
        Pending::Nothing
    } else {
        Pending::Little
    }
}

impl WriteSide {
    /// Writes once; what has left by it.
    fn write(&mut self, pipe: &Pipe) -> io::Result<QueueSize> {
        if pipe.manner.buffers {
            return self.write_through_buffers(pipe);
        }
        let written = self.hand_over(&pipe.connection)?;
        self.interruptions.advance(written.messages);
        Ok(written)
    }

    /// The same, of a transport that has buffers: what was written counts as left when the system has taken it. So it is flushed
    /// before there is more to come, which bounds what it holds.
    #[cold]
    #[inline(never)]
    fn write_through_buffers(&mut self, pipe: &Pipe) -> io::Result<QueueSize> {
        let link = pipe.link();
        if !self.in_flight.is_empty() && !link.wants_write() && self.buffered == QueueSize::default() {
            let written = self.hand_over(&pipe.connection)?;
            self.interruptions.advance(written.messages);
            self.buffered.add(written);
        }
        link.flush()?;
        if link.wants_write() {
            // It says that it is done and is not: asked again at once, it would say so for ever.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(std::mem::take(&mut self.buffered))
    }

    /// Whether the transport has something that has not left it.
    fn owes(&self, pipe: &Pipe) -> bool {
        !self.panicked
            && !self.removed
            && !pipe.has_ended()
            && (self.buffered != QueueSize::default()
                || catch_panic(|| pipe.link().wants_write()).unwrap_or(false))
    }

    fn hand_over(&mut self, connection: &Connection) -> io::Result<QueueSize> {
        match (connection, &mut self.in_flight) {
            (Connection::Stream(stream), SendQueue::Encoded(encoder)) => {
                let (before, controls) = (encoder.bytes(), encoder.controls());
                let mut slices: SmallVec<[IoSlice<'_>; SLICES]> = SmallVec::new();
                encoder.slices(&mut slices);
                let written = stream.write(&slices)?;
                drop(slices);
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                let messages = encoder.advance(written);
                self.controls_left += controls - encoder.controls();
                Ok(QueueSize { messages, bytes: before - encoder.bytes() })
            }
            (Connection::Messages(whole), SendQueue::Packets(packets)) => {
                whole.send(&mut packets.queue)?;
                Ok(packets.taken())
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}
