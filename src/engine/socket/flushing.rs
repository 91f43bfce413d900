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
use super::pipe::connection::{Pipe, WriteSide, link};
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
            return self.write_through_buffers(&pipe.connection);
        }
        let (written, controls) = self.hand_over(&pipe.connection)?;
        self.interruptions.advance(written.messages);
        self.controls_left += controls;
        Ok(written)
    }

    /// The same, of a transport that has buffers: what was written counts as left when the system has taken it. So it is flushed
    /// before there is more to come, which bounds what it holds.
    #[cold]
    #[inline(never)]
    fn write_through_buffers(&mut self, connection: &Connection) -> io::Result<QueueSize> {
        let link = link(connection);
        if !self.in_flight.is_empty() && !link.wants_write() && !self.has_buffered() {
            let (written, controls) = self.hand_over(connection)?;
            self.interruptions.advance(written.messages);
            self.buffered.add(written);
            self.buffered_controls += controls;
        }
        link.flush()?;
        if link.wants_write() {
            // It says that it is done and is not: asked again at once, it would say so for ever.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.controls_left += std::mem::take(&mut self.buffered_controls);
        Ok(std::mem::take(&mut self.buffered))
    }

    fn has_buffered(&self) -> bool {
        self.buffered != QueueSize::default() || self.buffered_controls > 0
    }

    /// Whether the transport has something that has not left it.
    fn owes(&self, pipe: &Pipe) -> bool {
        !self.panicked
            && !self.removed
            && !pipe.has_ended()
            && (self.has_buffered() || catch_panic(|| pipe.link().wants_write()).unwrap_or(false))
    }

    /// What the connection has taken, and what the controls cost that it has.
    fn hand_over(&mut self, connection: &Connection) -> io::Result<(QueueSize, usize)> {
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
                let size = QueueSize { messages, bytes: before - encoder.bytes() };
                Ok((size, controls - encoder.controls()))
            }
            (Connection::Messages(whole), SendQueue::Packets(packets)) => {
                whole.send(&mut packets.queue)?;
                Ok((packets.taken(), 0))
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use hubless_protocol::wire::handshake::{Step, begin};
    use hubless_protocol::wire::{Encoder, Form, Framing, Turn};
    use hubless_protocol::{Control, ControlKind, Role, Wire};
    use hubless_transport::mio::Registry;
    use hubless_transport::{Link, Peer, Stream};

    use super::*;
    use crate::engine::sys::sync::Mutex;

    /// A stream with a buffer that takes all it is given, and lets go of it once the system has room.
    #[derive(Debug)]
    struct Buffering {
        buffered: Mutex<usize>,
        has_room: Arc<Mutex<bool>>,
    }

    impl Link for Buffering {
        fn watch(&self, _: &Wait<'_>) -> io::Result<()> {
            Ok(())
        }

        fn unwatch(&self, _: &Registry) {}

        fn establish(&self) -> io::Result<()> {
            Ok(())
        }

        fn peer(&self) -> Peer {
            Peer::new("memory://")
        }

        fn shutdown(&self) {}

        fn buffers(&self) -> bool {
            true
        }

        fn flush(&self) -> io::Result<()> {
            if !*self.has_room.lock() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            *self.buffered.lock() = 0;
            Ok(())
        }

        fn wants_write(&self) -> bool {
            *self.buffered.lock() > 0
        }
    }

    impl Stream for Buffering {
        fn read(&self, _: &mut Vec<u8>) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }

        fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            let count: usize = slices.iter().map(|slice| slice.len()).sum();
            *self.buffered.lock() += count;
            Ok(count)
        }
    }

    /// An encoder of a wire that has controls.
    fn encoder() -> Encoder {
        let wire = Wire::Test { sealed: false };
        let mut machine = begin(wire, Role::Push, Form::Greeting, Turn::SpeaksFirst);
        let theirs = [&b"P"[..], &Role::Pull.number().to_be_bytes()].concat();
        let Ok(Step::Done(session)) = machine.advance(&theirs) else { panic!("not done") };
        Encoder::new(session.codec, Framing::Length)
    }

    #[test]
    fn a_control_in_the_buffers_of_a_transport_has_not_left() {
        let has_room = Arc::new(Mutex::new(false));
        let stream = Buffering { buffered: Mutex::new(0), has_room: Arc::clone(&has_room) };
        let connection = Connection::Stream(Box::new(stream));
        let control = Control { kind: ControlKind::Subscribe, body: b"topic" };
        let mut encoder = encoder();
        encoder.push_control(control).unwrap();
        let mut side = WriteSide::new(SendQueue::Encoded(encoder));
        let refused = side.write_through_buffers(&connection).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        assert!(side.in_flight.is_empty() && side.has_buffered());
        assert_eq!(side.controls_left, 0, "a socket that closes would end our direction before it");
        *has_room.lock() = true;
        assert_eq!(side.write_through_buffers(&connection).unwrap(), QueueSize::default());
        assert_eq!((side.controls_left, side.has_buffered()), (control.cost(), false));
    }
}
