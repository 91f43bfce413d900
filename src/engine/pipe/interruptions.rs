//! How often the writing of each message of a queue was interrupted, for the few where it was: the count stands beside the position,
//! so no message is ever taken for another, and one that was never interrupted costs nothing.

use std::collections::VecDeque;

use hubless_protocol::patterns::UnsentMessage;
use hubless_transport::Packet;

/// Counts by position, the first in the queue being 0.
#[derive(Debug, Default)]
pub(crate) struct Interruptions(VecDeque<(usize, u8)>);

impl Interruptions {
    /// The message at this position, behind all that have a count, was interrupted so often.
    pub(crate) fn set(&mut self, position: usize, interruptions: u8) {
        self.0.push_back((position, interruptions));
    }

    /// The first messages of the queue go to a writer that has none: their counts go with them.
    #[inline]
    pub(crate) fn take_batch(&mut self, into: &mut Self, messages: impl FnOnce() -> usize) {
        if !self.0.is_empty() {
            self.take_some(into, messages());
        }
    }

    #[cold]
    fn take_some(&mut self, into: &mut Self, messages: usize) {
        let with_them = self.0.partition_point(|(position, _)| *position < messages);
        into.0.extend(self.0.drain(..with_them));
        self.move_up(messages);
    }

    /// This many messages have left the front of the queue.
    #[inline]
    pub(crate) fn advance(&mut self, messages: usize) {
        if !self.0.is_empty() {
            self.move_up(messages);
        }
    }

    #[cold]
    fn move_up(&mut self, messages: usize) {
        self.0.retain_mut(|(position, _)| match position.checked_sub(messages) {
            Some(nearer) => {
                *position = nearer;
                true
            }
            None => false,
        });
    }

    /// What a dead pipe gives back: the messages of its queue, each with its count. The first may have been interrupted just now.
    pub(super) fn give_back(self, packets: Vec<Packet>, cut: bool) -> impl Iterator<Item = UnsentMessage> {
        let mut counted = self.0.into_iter().peekable();
        packets.into_iter().enumerate().map(move |(position, packet)| {
            let before = counted
                .next_if(|(counted, _)| *counted == position)
                .map_or(0, |(_, interruptions)| interruptions);
            let now = u8::from(cut && position == 0);
            UnsentMessage { packet, interruptions: before.saturating_add(now) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::pipe::send_queue::{Packets, QueueSize, SendQueue};

    fn given_back(interruptions: Interruptions, messages: u8, cut: bool) -> Vec<u8> {
        let packets = (0..messages).map(|number| Packet::from(hubless_transport::Message::from([number])));
        let unsent: Vec<UnsentMessage> = interruptions.give_back(packets.collect(), cut).collect();
        let order: Vec<u8> = unsent.iter().map(|unsent| unsent.packet.body[0]).collect();
        assert_eq!(order, (0..messages).collect::<Vec<_>>());
        unsent.into_iter().map(|unsent| unsent.interruptions).collect()
    }

    #[test]
    fn a_count_stays_with_its_message_while_those_before_it_leave() {
        let mut interruptions = Interruptions::default();
        interruptions.set(1, 2);
        interruptions.set(3, 1);
        interruptions.advance(1);
        assert_eq!(given_back(interruptions, 4, false), [2, 0, 1, 0]);
    }

    /// Messages that were interrupted are queued while a writer takes some of the others at a time and the transport takes all of
    /// those; then the pipe dies.
    #[test]
    fn a_count_stays_with_its_message_when_a_writer_takes_a_part_of_a_deep_queue() {
        const MESSAGES: usize = 1000;
        let counted =
            |number: usize| if number % 100 == 99 { u8::try_from(number / 100 + 1).unwrap() } else { 0 };
        for refills in 0..4 {
            let mut queue = SendQueue::Packets(Packets::default());
            let mut in_flight = SendQueue::Packets(Packets::default());
            let (mut interruptions, mut with_writer) = (Interruptions::default(), Interruptions::default());
            let fill = |queue: &mut SendQueue,
                        interruptions: &mut Interruptions,
                        numbers: std::ops::Range<usize>| {
                for number in numbers {
                    queue.push(&[], &mut number.to_be_bytes().into());
                    if counted(number) > 0 {
                        interruptions.set(queue.size().messages - 1, counted(number));
                    }
                }
            };
            fill(&mut queue, &mut interruptions, 0..MESSAGES / 2);
            let mut left = 0;
            for refill in 0..=refills {
                let taken = in_flight.recover().len();
                with_writer.advance(taken);
                left += taken;
                queue.take_batch(&mut in_flight, QueueSize::one(0));
                interruptions.take_batch(&mut with_writer, || in_flight.size().messages);
                if refill == 0 {
                    fill(&mut queue, &mut interruptions, MESSAGES / 2..MESSAGES);
                }
            }
            let back = with_writer.give_back(in_flight.recover(), false);
            let back: Vec<UnsentMessage> =
                back.chain(interruptions.give_back(queue.recover(), false)).collect();
            assert_eq!(back.len(), MESSAGES - left);
            for (position, unsent) in back.iter().enumerate() {
                assert_eq!(unsent.packet.body[..], (left + position).to_be_bytes());
                assert_eq!(
                    unsent.interruptions,
                    counted(left + position),
                    "message {} of {refills}",
                    left + position
                );
            }
        }
    }

    #[test]
    fn a_message_that_has_left_takes_its_count_with_it() {
        let mut interruptions = Interruptions::default();
        interruptions.set(0, 3);
        interruptions.set(2, 1);
        interruptions.advance(2);
        assert_eq!(given_back(interruptions, 2, false), [1, 0]);
    }

    #[test]
    fn only_the_first_message_was_cut_just_now() {
        let mut interruptions = Interruptions::default();
        interruptions.set(0, 2);
        assert_eq!(given_back(interruptions, 3, true), [3, 0, 0]);
        assert_eq!(given_back(Interruptions::default(), 2, true), [1, 0]);
    }
}
