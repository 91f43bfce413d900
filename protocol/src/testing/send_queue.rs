use std::collections::VecDeque;
use std::mem;

use super::wire;
use crate::patterns::UnsentMessage;

/// What waits to leave through one pipe.
#[derive(Debug)]
pub struct SendQueue {
    /// How many messages may wait.
    pub capacity: usize,
    /// Oldest first.
    pub messages: VecDeque<UnsentMessage>,
    /// The first is written in part.
    pub begun: bool,
    /// A push was refused, so the pattern is told of room.
    pub refused: bool,
}

impl SendQueue {
    /// Nothing waits.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, messages: VecDeque::new(), begun: false, refused: false }
    }

    /// What waits, as it stands on the wire.
    pub fn wires(&self) -> Vec<Vec<u8>> {
        self.messages.iter().map(|unsent| wire(&unsent.packet)).collect()
    }

    /// Whether one more message may wait.
    pub fn has_room(&self) -> bool {
        self.messages.len() < self.capacity
    }

    /// Whether the pattern must be told of room now. It is told once, when the queue is half empty.
    pub fn take_writable_notice(&mut self) -> bool {
        self.messages.len() * 2 <= self.capacity && mem::take(&mut self.refused)
    }

    /// So many messages leave, and the next one in part.
    pub fn drain(&mut self, count: usize, begins: bool) {
        let left = count.min(self.messages.len());
        self.messages.drain(..left);
        self.begun = !self.messages.is_empty() && (begins || (left == 0 && self.begun));
    }
}
