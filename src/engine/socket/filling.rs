//! One read of a pipe: into the buffer that all share, into the memory of a large body, or into the list of whole messages.

use std::io;

use hubless_transport::{Connection, Message, Stream};

use super::memory::read_buffers::{READ_BUFFER, ReadBuffers};
use super::pipe::connection::{Pipe, ReadSide};
use super::rationing::Ration;

/// What may be read at once of a connection that carries whole messages.
const WHOLE: usize = 4 * 1024 * 1024;
/// What is read at once where memory is short.
const STEP: usize = 64 * 1024;

/// What a read gave.
pub(super) enum Fill {
    Some,
    /// So many bytes of a large body.
    OfBody(usize),
    /// Something, and the system has no more.
    Last,
    End,
}

impl ReadSide {
    /// How much the next read may bring.
    pub(super) fn next_read(&self, pipe: &Pipe) -> usize {
        match &*pipe.connection {
            Connection::Messages(_) => WHOLE,
            _ => self.decoder.ahead().unwrap_or(READ_BUFFER),
        }
    }

    /// Reads once. Everything read before has been parsed but the beginning of a frame.
    pub(super) fn fill(
        &mut self,
        pipe: &Pipe,
        buffers: &ReadBuffers,
        messages: usize,
        ration: Ration,
    ) -> io::Result<Fill> {
        let stream = match (&*pipe.connection, ration) {
            (Connection::Stream(stream), Ration::Bytes(bytes)) => {
                return self.fill_little(&**stream, bytes, pipe.manner.buffers);
            }
            (Connection::Stream(stream), Ration::Unlimited) => stream,
            (_, Ration::Nothing) => return Err(io::ErrorKind::WouldBlock.into()),
            (Connection::Messages(whole), _) => {
                let most = if ration == Ration::Unlimited { messages.max(1) } else { 1 };
                let received = whole.recv(&mut self.backlog, most);
                if pipe.manner.buffers {
                    self.unfinished = whole.unfinished();
                }
                let count = received?;
                return Ok(if count == 0 { Fill::End } else { Fill::Some });
            }
            _ => return Ok(Fill::End),
        };
        let (count, room, more) = if let Some(body) = self.decoder.body() {
            let room = body.capacity() - body.len();
            if room == 0 {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            let count = stream.read(body)?;
            if let Some((body, beyond)) = self.decoder.finish_body() {
                self.complete(self.body_pool.message(body), &beyond);
            }
            (count, room, Fill::OfBody(count))
        } else {
            self.make_buffer_room(buffers)?;
            let room = self.buffer.capacity() - self.buffer.len();
            (stream.read(&mut self.buffer)?, room, Fill::Some)
        };
        Ok(match count {
            0 => Fill::End,
            _ if count < room && self.is_drained(&**stream, pipe.manner.buffers) => Fill::Last,
            _ => more,
        })
    }

    /// Whether there is nothing more after a read that gave less than it could have.
    #[inline]
    fn is_drained(&self, stream: &dyn Stream, buffers: bool) -> bool {
        stream.short_read_drains() && !self.ending && !(buffers && stream.has_buffered_input())
    }

    /// Reads so much at most, into a buffer of its own, so that no more is taken than there is memory for.
    #[cold]
    fn fill_little(&mut self, stream: &dyn Stream, bytes: usize, buffers: bool) -> io::Result<Fill> {
        let mut little = Vec::with_capacity(bytes.min(STEP));
        let room = little.capacity();
        let count = stream.read(&mut little)?;
        self.buffer.drain(..self.parsed);
        self.parsed = 0;
        self.buffer.extend_from_slice(&little);
        Ok(match count {
            0 => Fill::End,
            _ if count < room && self.is_drained(stream, buffers) => Fill::Last,
            // Of a large body the turn has its part now, of smaller ones when they are delivered.
            _ if self.decoder.is_within_body() => Fill::OfBody(count),
            _ => Fill::Some,
        })
    }

    /// A large body is complete; what was read beyond it begins the next frame.
    fn complete(&mut self, message: Message, beyond: &[u8]) {
        self.backlog.push_back(message.into());
        self.buffer.clear();
        self.parsed = 0;
        self.buffer.extend_from_slice(beyond);
    }

    /// Moves the beginning of a frame to the front of a full-sized buffer.
    fn make_buffer_room(&mut self, buffers: &ReadBuffers) -> io::Result<()> {
        if self.buffer.capacity() < READ_BUFFER {
            let mut buffer = buffers.take()?;
            buffer.extend_from_slice(&self.buffer[self.parsed..]);
            self.buffer = buffer;
        } else {
            self.buffer.drain(..self.parsed);
        }
        self.parsed = 0;
        Ok(())
    }

    /// The turn is over. A buffer that is parsed goes back; the beginning of a frame is kept in a vector of
    /// its size, so that a peer that sends half a frame and then nothing holds no buffer. One that is full of whole
    /// messages is kept: copying it every turn would cost more than reading.
    pub(super) fn settle(&mut self, buffers: &ReadBuffers) {
        let left = self.buffer.len() - self.parsed;
        if left > READ_BUFFER / 4 || self.buffer.capacity() < READ_BUFFER {
            return;
        }
        let rest = self.buffer[self.parsed..].to_vec();
        self.parsed = 0;
        buffers.put(std::mem::replace(&mut self.buffer, rest));
    }
}
