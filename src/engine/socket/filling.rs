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
    /// This many bytes of a large body.
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::IoSlice;
    use std::sync::Arc;

    use hubless_protocol::wire::{Codec, Decoder, Framing};
    use hubless_transport::mio::Registry;
    use hubless_transport::{Link, Peer, Unfinished, Wait};

    use super::*;
    use crate::engine::memory::body_pool::BodyPool;

    /// A stream that always has more of the same.
    #[derive(Debug)]
    struct Endless;

    impl Link for Endless {
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
    }

    impl Stream for Endless {
        fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
            let room = into.capacity() - into.len();
            into.resize(into.capacity(), 7);
            Ok(room)
        }

        fn write(&self, _: &[IoSlice<'_>]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }
    }

    /// What has come of a message of this length: its announcement.
    fn begun(length: u64) -> ReadSide {
        ReadSide {
            decoder: Decoder::new(Codec::Sp, Framing::Length, u64::MAX),
            body_pool: Arc::new(BodyPool::default()),
            buffer: length.to_be_bytes().into(),
            parsed: 0,
            unfinished: Unfinished::default(),
            halt: None,
            backlog: VecDeque::new(),
            in_backlog: false,
            ending: false,
            broken: None,
            messages: 0,
        }
    }

    #[test]
    fn a_little_read_has_its_part_of_a_turn_at_once_within_a_large_body_alone() {
        for (length, expected) in [(1000, None), (1 << 20, Some(100))] {
            let mut side = begun(length);
            assert!(side.next().is_none(), "it has not come");
            let charged = match side.fill_little(&Endless, 100, false).unwrap() {
                Fill::OfBody(bytes) => Some(bytes),
                Fill::Some => None,
                Fill::Last | Fill::End => panic!("there is more"),
            };
            assert_eq!(charged, expected, "of {length}");
        }
    }
}
