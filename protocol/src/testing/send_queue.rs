use std::collections::VecDeque;
use std::mem;

use super::wire;
use crate::patterns::UnsentMessage;
use crate::{Control, ControlRefused};

/// What all controls that wait for a pipe may cost, unless it is one.
const MOST_CONTROLS: usize = 64 * 1024;

/// What waits to leave through one pipe.
#[derive(Debug)]
pub struct SendQueue {
    /// How many messages may wait.
    pub capacity: usize,
    /// Oldest first.
    pub messages: VecDeque<UnsentMessage>,
    /// The first is written in part.
    pub begun: bool,
    /// The wire protocol of the peer has controls.
    pub has_controls: bool,
    /// What the controls cost that wait.
    pub controls: usize,
    /// A push or a control was refused, so the pattern is told of room.
    pub refused: bool,
}

impl SendQueue {
    /// Nothing waits.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            messages: VecDeque::new(),
            begun: false,
            has_controls: false,
            controls: 0,
            refused: false,
        }
    }

    /// What waits, as it stands on the wire.
    pub fn wires(&self) -> Vec<Vec<u8>> {
        self.messages.iter().map(|unsent| wire(&unsent.packet)).collect()
    }

    /// Whether one more message may wait.
    pub fn has_room(&self) -> bool {
        self.messages.len() < self.capacity
    }

    /// Has a control wait; `exhausted` says that there is no memory but for one.
    pub(super) fn take_control(
        &mut self,
        control: Control<'_>,
        exhausted: bool,
    ) -> Result<(), ControlRefused> {
        if !self.has_controls {
            return Err(ControlRefused::NoControls);
        }
        let cost = self.controls.saturating_add(control.cost());
        if self.controls > 0 && (exhausted || cost > MOST_CONTROLS) {
            self.refused = true;
            return Err(ControlRefused::Full);
        }
        self.controls = cost;
        Ok(())
    }

    /// Whether the pattern must be told of room now. It is told once, when the queue is half empty.
    pub fn take_writable_notice(&mut self) -> bool {
        self.messages.len() * 2 <= self.capacity && mem::take(&mut self.refused)
    }

    /// All controls and this many messages leave, and the next message in part.
    pub fn drain(&mut self, count: usize, begins: bool) {
        self.controls = 0;
        let left = count.min(self.messages.len());
        self.messages.drain(..left);
        self.begun = !self.messages.is_empty() && (begins || (left == 0 && self.begun));
    }
}
