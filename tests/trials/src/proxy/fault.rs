use super::frames::Frames;
use super::manner::Fault;

/// Does to one message what must not be done to any.
#[derive(Debug)]
pub(super) struct Saboteur {
    fault: Fault,
    /// How many messages come before the one that is meant.
    before: u64,
    frames: Frames,
    /// What has come of that one.
    caught: Vec<u8>,
    done: bool,
}

impl Saboteur {
    pub(super) fn new(prefix: usize, number: u64, fault: Fault) -> Self {
        Self { fault, before: number, frames: Frames::new(prefix), caught: Vec::new(), done: false }
    }

    /// What is passed on instead of these bytes. `allowed` is asked when it comes to that.
    pub(super) fn spoil(&mut self, mut bytes: &[u8], allowed: impl Fn() -> bool) -> Vec<u8> {
        let mut passed = Vec::with_capacity(bytes.len());
        while !self.done && !bytes.is_empty() {
            let greeted = self.frames.greeted();
            let (used, ended) = self.frames.advance(bytes);
            let (piece, rest) = bytes.split_at(used);
            bytes = rest;
            if !greeted || self.before > 0 {
                passed.extend_from_slice(piece);
                self.before -= u64::from(ended);
                continue;
            }
            self.caught.extend_from_slice(piece);
            if ended {
                self.done = true;
                passed.append(&mut self.spoiled(allowed()));
            }
        }
        passed.extend_from_slice(bytes);
        passed
    }

    fn spoiled(&mut self, allowed: bool) -> Vec<u8> {
        let mut message = std::mem::take(&mut self.caught);
        match self.fault {
            _ if !allowed => {}
            Fault::Flip => message.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1),
            Fault::Repeat => message.extend_from_within(..),
            Fault::Lose => message.clear(),
        }
        message
    }
}
