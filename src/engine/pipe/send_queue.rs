//! The send queue of one pipe: what waits to leave through it.

use std::collections::VecDeque;

use hubless_protocol::patterns::Queueing;
use hubless_protocol::wire::{Codec, Encoder};
use hubless_transport::{Connection, Header, Message, Packet};

use super::connection::Pipe;
use super::packet_queue::PacketQueue;

/// Messages and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueSize {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl QueueSize {
    pub(crate) fn one(bytes: usize) -> Self {
        Self { messages: 1, bytes }
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.messages += more.messages;
        self.bytes += more.bytes;
    }

    pub(crate) fn subtract(&mut self, less: Self) {
        self.messages = self.messages.saturating_sub(less.messages);
        self.bytes = self.bytes.saturating_sub(less.bytes);
    }

    /// Whether one more message may come on top of this: below both bounds. A single message over the bound in bytes
    /// passes when there is nothing else.
    pub(crate) fn is_below(self, limit: Self) -> bool {
        self.messages == 0 || (self.messages < limit.messages && self.bytes < limit.bytes)
    }

    /// Whether neither bound is exceeded.
    pub(super) fn is_within(self, bound: Self) -> bool {
        self.messages <= bound.messages && self.bytes <= bound.bytes
    }

    /// Whether there is enough room again, after there was none, to tell those that wait for it: half of the messages, and
    /// half of the bytes or [`ROOM`].
    pub(crate) fn has_room_again(self, limit: Self) -> bool {
        let room = ROOM.min(limit.bytes.div_ceil(2));
        self.messages * 2 <= limit.messages && self.bytes <= limit.bytes - room
    }
}

/// Bytes that are enough for a write where they are copied: just below the size from which loopback TCP becomes slow.
pub(super) const FLUSH: usize = 48 * 1024;

/// Bytes of room that are worth telling of: moving that many takes ten times as long as a wake-up.
pub(crate) const ROOM: usize = 256 * 1024;

/// Messages that are enough for a write where none is copied: as many as a transport takes at once, and few enough that
/// some are under way while others gather.
const ENOUGH: QueueSize = QueueSize { messages: 128, bytes: 2 << 20 };

/// The most messages that a writer takes where none is copied. After each write it counts what the transport has left of
/// them, so it must not be given all of a deep queue.
const BATCH: usize = 256;

/// A queue of messages in the form the pipe's transport takes, encoded or packets as they are; or not yet in that form.
#[derive(Debug)]
pub(crate) enum SendQueue {
    Encoded(Encoder),
    Packets(Packets),
    Unencoded(PacketQueue),
}

/// Messages for a transport that carries them whole.
#[derive(Debug, Default)]
pub(crate) struct Packets {
    pub(crate) queue: VecDeque<Packet>,
    size: QueueSize,
}

impl SendQueue {
    /// The queue of a pipe that is gone.
    pub(super) fn of_nobody() -> Self {
        Self::Packets(Packets::default())
    }

    /// An empty queue, in the form this connection takes.
    pub(crate) fn for_connection(connection: &Connection, codec: Codec) -> Self {
        match connection {
            Connection::Messages(_) => Self::Packets(Packets::default()),
            other => Self::Encoded(Encoder::new(codec, other.medium().into())),
        }
    }

    /// An empty queue of what no writer of this connection has taken yet. It is not encoded where the oldest may be dropped, nor where
    /// the wire seals: that is the writer's, in the order in which it writes.
    pub(super) fn pending(pipe: &Pipe, codec: Codec, queueing: Queueing) -> Self {
        let seals = codec.seals() && !matches!(*pipe.connection, Connection::Messages(_));
        if seals || queueing == Queueing::DroppingOldest {
            return Self::Unencoded(PacketQueue::new(pipe.manner.prefix));
        }
        Self::for_connection(&pipe.connection, codec)
    }

    #[inline]
    pub(crate) fn push(&mut self, header: &[u8], body: &mut Message) {
        match self {
            Self::Encoded(encoder) => encoder.push(header, body),
            Self::Packets(packets) => packets.push(header, std::mem::take(body)),
            Self::Unencoded(packets) => packets.push(header, std::mem::take(body)),
        }
    }

    #[inline]
    pub(crate) fn push_shared(&mut self, header: &[u8], body: &Message) {
        match self {
            Self::Encoded(encoder) => encoder.push_shared(header, body),
            Self::Packets(packets) => packets.push(header, body.clone()),
            Self::Unencoded(packets) => packets.push(header, body.clone()),
        }
    }

    #[inline]
    pub(crate) fn size(&self) -> QueueSize {
        match self {
            Self::Encoded(encoder) => QueueSize { messages: encoder.messages(), bytes: encoder.bytes() },
            Self::Packets(packets) => packets.size,
            Self::Unencoded(packets) => packets.size(),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Encoded(encoder) => encoder.is_empty(),
            Self::Packets(packets) => packets.queue.is_empty(),
            Self::Unencoded(packets) => packets.size().messages == 0,
        }
    }

    /// Whether there is enough for a write while the socket streams.
    #[inline]
    pub(crate) fn is_enough(&self) -> bool {
        match self {
            Self::Encoded(encoder) => encoder.bytes() >= FLUSH,
            Self::Packets(packets) => {
                packets.size.messages >= ENOUGH.messages || packets.size.bytes >= ENOUGH.bytes
            }
            Self::Unencoded(packets) => packets.size().bytes >= FLUSH,
        }
    }

    /// Whether the oldest message was written in part.
    pub(super) fn is_cut(&self) -> bool {
        matches!(self, Self::Encoded(encoder) if encoder.is_cut())
    }

    /// The messages whose last byte did not leave, oldest first; the queue is empty afterwards.
    pub(super) fn recover(&mut self) -> Vec<Packet> {
        match self {
            Self::Encoded(encoder) => encoder.recover(),
            Self::Packets(packets) => {
                packets.size = QueueSize::default();
                packets.queue.drain(..).collect()
            }
            Self::Unencoded(packets) => packets.recover(),
        }
    }

    /// Gives a writer, who has written all it had, something to write: everything, or what it may take of a queue with this
    /// bound whose oldest messages can be dropped.
    #[inline]
    pub(crate) fn take_batch(&mut self, into: &mut Self, limit: QueueSize) {
        match self {
            Self::Unencoded(packets) => packets.take_batch(into, limit),
            Self::Packets(packets) if packets.queue.len() > BATCH => packets.take_batch(into),
            _ => std::mem::swap(self, into),
        }
    }

    /// Takes back, where the oldest messages can be dropped, what a writer was given and has not begun to write. Nobody may be
    /// writing.
    pub(crate) fn reclaim(&mut self, in_flight: &mut Self) {
        if let Self::Unencoded(packets) = self
            && in_flight.size().messages > usize::from(in_flight.is_cut())
        {
            packets.take_back(in_flight.withdraw());
        }
    }

    /// Drops the oldest message, where that can be done; how many bytes it took.
    pub(crate) fn drop_oldest(&mut self) -> Option<usize> {
        match self {
            Self::Unencoded(packets) => packets.drop_oldest(),
            _ => None,
        }
    }

    /// The messages of which no byte has left, oldest first; they are no longer in the queue.
    fn withdraw(&mut self) -> Vec<Packet> {
        match self {
            Self::Encoded(encoder) => encoder.withdraw(),
            _ => self.recover(),
        }
    }

    /// Frees memory of an empty queue beyond what a quiet pipe may keep.
    pub(crate) fn recycle(&mut self, keep: usize) {
        match self {
            Self::Encoded(encoder) => encoder.recycle(keep),
            Self::Packets(packets) => packets.queue.shrink_to(keep / size_of::<Packet>()),
            Self::Unencoded(_) => {}
        }
    }
}

impl Packets {
    #[inline]
    fn push(&mut self, header: &[u8], body: Message) {
        self.size.add(QueueSize::one(header.len() + body.len()));
        self.queue.push_back(Packet::new(Header::from(header), body));
    }

    /// Gives a writer the oldest messages of a queue that holds more than it takes at once.
    fn take_batch(&mut self, into: &mut SendQueue) {
        let SendQueue::Packets(batch) = into else { return };
        batch.queue.extend(self.queue.drain(..BATCH));
        let _ = batch.taken();
        self.size.subtract(batch.size);
    }

    /// Recounts after the transport took some from the front: what has left.
    pub(crate) fn taken(&mut self) -> QueueSize {
        let mut left = std::mem::take(&mut self.size);
        self.size = QueueSize { messages: self.queue.len(), bytes: self.queue.iter().map(Packet::len).sum() };
        left.subtract(self.size);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(messages: usize) -> SendQueue {
        let mut packets = Packets::default();
        for number in 0..messages {
            packets.push(&[], number.to_be_bytes().into());
        }
        SendQueue::Packets(packets)
    }

    fn queue(queue: &mut SendQueue) -> &mut Packets {
        let SendQueue::Packets(packets) = queue else { panic!("not packets") };
        packets
    }

    /// Drains a queue of this many messages through a transport that takes `at_once`. How many messages were counted for that.
    fn counted(messages: usize, at_once: usize) -> usize {
        let (mut pending, mut in_flight) = (packets(messages), packets(0));
        let (mut counted, mut left, mut next) = (0, QueueSize::default(), 0);
        while left.messages < messages {
            if in_flight.is_empty() {
                pending.take_batch(&mut in_flight, QueueSize::one(0));
            }
            let batch = queue(&mut in_flight);
            for packet in batch.queue.drain(..at_once.min(batch.queue.len())) {
                assert_eq!(&packet.body[..], usize::to_be_bytes(next));
                next += 1;
            }
            counted += batch.queue.len();
            left.add(batch.taken());
            assert_eq!(left.messages + pending.size().messages + in_flight.size().messages, messages);
        }
        assert_eq!(left.bytes, messages * size_of::<usize>());
        counted
    }

    #[test]
    fn draining_a_deep_queue_of_whole_messages_counts_as_often_for_each_as_draining_a_shallow_one() {
        for at_once in [256, 100, 1] {
            let (shallow, deep) = (counted(1_000, at_once), counted(20_000, at_once));
            assert!(deep <= 40 * (shallow + 1_000), "{at_once} at once: {shallow} of 1000, {deep} of 20000");
        }
    }
}
