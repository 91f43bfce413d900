//! What a pipe that ends did not get rid of.

use std::collections::VecDeque;

use hubless_protocol::patterns::UnsentMessage;

use super::interruptions::Interruptions;
use super::send_queue::SendQueue;

/// Messages that did not leave.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// They may go to another peer.
    Messages(VecDeque<UnsentMessage>),
    /// They go nowhere: what a writer had taken, and what waited for one.
    Queues(Box<[SendQueue; 2]>),
}

impl Unsent {
    /// Of what a writer has taken, and of what waited for one.
    pub(crate) fn of(queues: [(&mut SendQueue, &mut Interruptions); 2], goes_back: bool) -> Self {
        if !goes_back {
            // As they are: there may be millions, and the one that closes may be in a hurry.
            let queues = queues.map(|(queue, _)| std::mem::replace(queue, SendQueue::of_nobody()));
            return Self::Queues(Box::new(queues));
        }
        let messages = queues.into_iter().flat_map(|(queue, interruptions)| {
            let cut = queue.is_cut();
            std::mem::take(interruptions).give_back(queue.recover(), cut)
        });
        Self::Messages(messages.collect())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Messages(messages) => messages.len(),
            Self::Queues(queues) => queues.iter().map(|queue| queue.size().messages).sum(),
        }
    }
}

/// Pipes that are out of the table, and what waited in them is not yet given back or counted.
#[derive(Debug, Default)]
pub(crate) struct Parting {
    pub(crate) pipes: usize,
    pub(crate) messages: usize,
}

impl Parting {
    pub(crate) fn begins(&mut self, messages: usize) {
        self.pipes += 1;
        self.messages += messages;
    }

    /// This many of the messages are the pattern's again.
    pub(crate) fn comes_back(&mut self, messages: usize) {
        self.messages -= messages;
    }

    pub(crate) fn ends(&mut self, messages: usize) {
        self.pipes -= 1;
        self.messages -= messages;
    }
}
