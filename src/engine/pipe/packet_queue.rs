//! Messages that are not encoded before a writer takes them, so that the oldest can still be dropped, or because the writer seals them.
//!
//! A writer takes at most half of what may be queued. The other half can be dropped while it writes, so room for the newest
//! message can always be made, unless one that has been begun fills the queue alone.

use std::collections::VecDeque;

use hubless_transport::{Header, Message, Packet};

use super::send_queue::{FLUSH, QueueSize, SendQueue};

/// Messages for which an empty queue keeps memory.
const KEPT: usize = 64;

/// The queue of a pipe whose oldest messages may be dropped, or whose wire seals.
#[derive(Debug)]
pub(crate) struct PacketQueue {
    queue: VecDeque<Packet>,
    size: QueueSize,
    /// What each message takes, in addition to its own bytes, where the writer puts it.
    prefix: usize,
}

impl PacketQueue {
    pub(super) fn new(prefix: usize) -> Self {
        Self { queue: VecDeque::new(), size: QueueSize::default(), prefix }
    }

    pub(super) fn size(&self) -> QueueSize {
        self.size
    }

    pub(super) fn push(&mut self, header: &[u8], body: Message) {
        let packet = Packet::new(Header::from(header), body);
        self.size.add(self.cost(&packet));
        self.queue.push_back(packet);
    }

    /// Drops the oldest message; how many bytes it took.
    pub(super) fn drop_oldest(&mut self) -> Option<usize> {
        self.pop().map(|(_, cost)| cost.bytes)
    }

    /// Gives a writer the oldest messages: a write's worth, and of `limit`, which bounds the queue, no more than half. It gets
    /// one in any case.
    pub(super) fn take_batch(&mut self, into: &mut SendQueue, limit: QueueSize) {
        let most = QueueSize { messages: limit.messages / 2, bytes: FLUSH.min(limit.bytes / 2) };
        let mut taken = QueueSize::default();
        while let Some(next) = self.queue.front() {
            taken.add(self.cost(next));
            if taken.messages > 1 && !taken.is_within(most) {
                break;
            }
            let Some((Packet { header, mut body, .. }, _)) = self.pop() else { break };
            into.push(header.as_slice(), &mut body);
        }
        if self.queue.is_empty() {
            self.queue.shrink_to(KEPT);
        }
    }

    /// Takes back what a writer got and has not begun to write.
    pub(super) fn take_back(&mut self, packets: Vec<Packet>) {
        for packet in packets.into_iter().rev() {
            self.size.add(self.cost(&packet));
            self.queue.push_front(packet);
        }
    }

    /// All messages; the queue is empty afterwards.
    pub(super) fn recover(&mut self) -> Vec<Packet> {
        self.size = QueueSize::default();
        self.queue.drain(..).collect()
    }

    fn pop(&mut self) -> Option<(Packet, QueueSize)> {
        let packet = self.queue.pop_front()?;
        let cost = self.cost(&packet);
        self.size.subtract(cost);
        Some((packet, cost))
    }

    fn cost(&self, packet: &Packet) -> QueueSize {
        QueueSize::one(self.prefix + packet.len())
    }
}

#[cfg(test)]
mod tests {
    use hubless_protocol::wire::{Codec, Encoder, Framing};

    use super::*;

    /// A queue of bodies of these lengths, and what a writer has of it.
    fn queue(lengths: &[usize]) -> (SendQueue, SendQueue) {
        let mut pending = SendQueue::Unencoded(PacketQueue::new(Codec::Sp.prefix(Framing::Length)));
        for (number, &length) in (0..=u8::MAX).cycle().zip(lengths) {
            pending.push_shared(&[], &vec![number; length].into());
        }
        (pending, SendQueue::Encoded(Encoder::new(Codec::Sp, Framing::Length)))
    }

    fn bodies(queue: &mut SendQueue) -> Vec<(u8, usize)> {
        queue.recover().iter().map(|packet| (packet.body[0], packet.body.len())).collect()
    }

    #[test]
    fn a_writer_takes_the_oldest_and_leaves_half_of_what_may_be_queued() {
        for (limit, lengths, taken) in [
            ((10, 10_000), &[10; 10][..], 5),
            ((1000, 1000), &[92; 10], 5),
            ((1000, 1000), &[92, 992], 1),
            ((1, 10_000), &[10], 1),
            ((1000, 100), &[500, 1], 1),
            ((1000, 1 << 20), &[20_000; 10], 2),
        ] {
            let (mut pending, mut taken_out) = queue(lengths);
            let all = pending.size();
            let limit = QueueSize { messages: limit.0, bytes: limit.1 };
            pending.take_batch(&mut taken_out, limit);
            assert_eq!(taken_out.size().messages, taken);
            let mut sum = pending.size();
            sum.add(taken_out.size());
            assert_eq!(sum, all);
            let order: Vec<_> = bodies(&mut taken_out).into_iter().chain(bodies(&mut pending)).collect();
            assert_eq!(order, (0..).zip(lengths.iter().copied()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_dropped_is_the_oldest_that_is_not_begun() {
        let (mut pending, mut taken_out) = queue(&[100, 100, 100, 100]);
        pending.take_batch(&mut taken_out, QueueSize { messages: 4, bytes: 10_000 });
        let SendQueue::Encoded(encoder) = &mut taken_out else { panic!("not encoded") };
        encoder.advance(1);
        pending.reclaim(&mut taken_out);
        assert_eq!(taken_out.size(), QueueSize { messages: 1, bytes: 107 });
        assert_eq!(pending.size(), QueueSize { messages: 3, bytes: 324 });
        assert_eq!(pending.drop_oldest(), Some(108));
        assert_eq!(bodies(&mut pending), [(2, 100), (3, 100)]);
        assert_eq!(pending.drop_oldest(), None);
    }

    #[test]
    fn a_queue_that_was_emptied_keeps_little_memory() {
        let (mut pending, mut taken_out) = queue(&[1; 1000]);
        while !pending.is_empty() {
            pending.take_batch(&mut taken_out, QueueSize { messages: 100, bytes: 10_000 });
        }
        let SendQueue::Unencoded(packets) = &pending else { panic!("encoded") };
        assert!(packets.queue.capacity() <= KEPT);
        assert_eq!(taken_out.size().messages, 1000);
    }
}
