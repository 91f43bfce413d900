use std::collections::VecDeque;
use std::io::{self, IoSlice};

use hubless_transport::{Connection, Message, Packet, Readiness};

use crate::check::Check;
use crate::ends::End;
use crate::event_loop::EventLoop;

/// Slices offered in one write.
const SLICES: usize = 16;

/// Bytes that a read has room for.
const ROOM: usize = 1 << 16;

/// Messages asked for at a time.
const BATCH: usize = 64;

/// What is yet to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    pending: VecDeque<Packet>,
    /// Bytes of the first one that a stream has taken already.
    offset: usize,
}

impl Outgoing {
    pub(crate) fn new(bodies: &[Message]) -> Self {
        Self { pending: bodies.iter().cloned().map(Packet::from).collect(), offset: 0 }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.pending.is_empty()
    }

    /// Sends as much as the end takes now, only after its edge.
    pub(crate) fn send(&mut self, events: &EventLoop, end: &End) -> io::Result<()> {
        if (self.is_done() && !end.wants_write()) || !events.take(end.token, Readiness::Writable) {
            return Ok(());
        }
        while !self.is_done() || end.wants_write() {
            match self.send_some(events.check, end) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                outcome => outcome?,
            }
        }
        events.put_back(end.token, Readiness::Writable);
        Ok(())
    }

    /// Hands over what the transport takes at once, after what it has in its buffers and before that is flushed anew.
    pub(crate) fn send_some(&mut self, check: Check, end: &End) -> io::Result<()> {
        end.flush(check)?;
        self.hand_over(check, end)?;
        match end.flush(check) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            outcome => outcome,
        }
    }

    /// Makes one call of the transport.
    pub(crate) fn hand_over(&mut self, check: Check, end: &End) -> io::Result<()> {
        if self.is_done() {
            return Ok(());
        }
        match &end.connection {
            Connection::Stream(stream) => {
                self.skip_sent(0);
                let slices = self.slices();
                let offered = slices.iter().map(|slice| slice.len()).sum::<usize>();
                if offered == 0 {
                    return Ok(());
                }
                let taken = stream.write(&slices)?;
                drop(slices);
                check.require(
                    (1..=offered).contains(&taken),
                    "a write to take some of what it was given",
                    taken,
                );
                self.skip_sent(taken);
            }
            Connection::Messages(messages) => {
                let before = self.pending.len();
                let outcome = messages.send(&mut self.pending);
                let gone = before - self.pending.len();
                check.require(*outcome.as_ref().unwrap_or(&0) == gone, "the number of messages taken", gone);
                check.require(outcome? > 0, "at least one message to be taken, or `WouldBlock`", gone);
            }
            other => unreachable!("the kit does not know {other:?}"),
        }
        Ok(())
    }

    fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut offset = self.offset;
        let mut slices = Vec::new();
        for packet in self.pending.iter().take(SLICES) {
            slices.push(IoSlice::new(&packet.body[offset..]));
            offset = 0;
        }
        slices
    }

    /// Advances by `bytes`, and past bodies that have none left.
    fn skip_sent(&mut self, bytes: usize) {
        self.offset += bytes;
        while let Some(first) = self.pending.front()
            && self.offset >= first.body.len()
        {
            self.offset -= first.body.len();
            self.pending.pop_front();
        }
    }
}

/// What has been received.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    bytes: Vec<u8>,
    packets: VecDeque<Packet>,
    pub(crate) ended: bool,
}

impl Incoming {
    /// Receives all there is now, only after its edge.
    pub(crate) fn receive(&mut self, events: &EventLoop, end: &End) -> io::Result<()> {
        if self.ended || !events.take(end.token, Readiness::Readable) {
            return Ok(());
        }
        while !self.ended {
            match self.receive_some(events.check, end) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                outcome => outcome?,
            }
        }
        // What reading has left to write. Where the system takes none, the sender goes on with it.
        match end.flush(events.check) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock || self.ended => Ok(()),
            outcome => outcome,
        }
    }

    fn receive_some(&mut self, check: Check, end: &End) -> io::Result<()> {
        let count = match &end.connection {
            Connection::Stream(stream) => {
                self.bytes.reserve(ROOM);
                let (before, capacity) = (self.bytes.len(), self.bytes.capacity());
                let count = stream.read(&mut self.bytes)?;
                check.require(self.bytes.len() == before + count, "as many bytes appended as told", count);
                check.require(
                    self.bytes.capacity() == capacity,
                    "a read to keep to the spare capacity",
                    count,
                );
                count
            }
            Connection::Messages(messages) => {
                let before = self.packets.len();
                let count = messages.recv(&mut self.packets, BATCH)?;
                check.require(
                    self.packets.len() == before + count,
                    "as many messages appended as told",
                    count,
                );
                check.require(count <= BATCH, "no more messages than asked for", count);
                count
            }
            other => unreachable!("the kit does not know {other:?}"),
        };
        self.ended = count == 0;
        Ok(())
    }

    /// Receives until the end.
    pub(crate) fn receive_to_the_end(&mut self, events: &mut EventLoop, end: &End) {
        loop {
            events.check.ok(self.receive(events, end), "an orderly end");
            if self.ended {
                return;
            }
            events.turn();
        }
    }

    /// Whether as much has come as `bodies` are.
    pub(crate) fn has_all(&self, end: &End, bodies: &[Message]) -> bool {
        if end.has_messages() {
            self.packets.len() >= bodies.len()
        } else {
            self.bytes.len() >= bodies.iter().map(|body| body.len()).sum()
        }
    }

    /// Requires that what came is a beginning of `bodies`, or all of them if `whole`.
    pub(crate) fn require_intact(&self, check: Check, end: &End, bodies: &[Message], whole: bool) {
        let intact = if end.has_messages() {
            let came = self.packets.iter().map(|packet| &packet.body);
            came.zip(bodies).all(|(came, sent)| came == sent) && self.packets.len() <= bodies.len()
        } else {
            let mut rest = &self.bytes[..];
            for body in bodies {
                let length = body.len().min(rest.len());
                rest = rest.strip_prefix(&body[..length]).unwrap_or(rest);
            }
            rest.is_empty()
        };
        check.require(intact, "what was sent, in order", (self.bytes.len(), self.packets.len()));
        let complete = !whole || self.has_all(end, bodies);
        check.require(complete, "everything that was sent", (self.bytes.len(), self.packets.len()));
    }

    /// How much has come, in bytes of a stream or in messages.
    pub(crate) fn amount(&self) -> usize {
        self.bytes.len() + self.packets.len()
    }
}

/// Sends `bodies` from one end to the other and requires that they arrive.
pub(crate) fn transfer(events: &mut EventLoop, from: &End, to: &End, bodies: &[Message]) {
    let mut outgoing = Outgoing::new(bodies);
    let mut incoming = Incoming::default();
    loop {
        events.check.ok(outgoing.send(events, from), "sending on a live connection to succeed");
        events.check.ok(incoming.receive(events, to), "receiving on a live connection to succeed");
        if outgoing.is_done() && incoming.has_all(to, bodies) {
            break;
        }
        events.check.require(!incoming.ended, "a live connection not to end", incoming.amount());
        events.turn();
    }
    incoming.require_intact(events.check, to, bodies, true);
}

/// A body of `length` bytes; no two numbers give the same one, unless it is very short.
pub(crate) fn body(number: usize, length: usize) -> Message {
    let mut state = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}
