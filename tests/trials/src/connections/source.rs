use hubless::Message;

use super::Plan;
use crate::Trial;
use hubless_kit::Stamp;

/// The messages of one sender: each can be made again from its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    seed: u64,
    sender: u32,
    messages: u64,
    largest: usize,
}

impl Source {
    pub(super) fn new(trial: &Trial, plan: &Plan, sender: u32) -> Self {
        Self { seed: trial.seed(), sender, messages: plan.messages, largest: plan.largest }
    }

    /// All, one after the other.
    pub(super) fn all(self) -> impl Iterator<Item = Message> + Send {
        (0..self.messages).map(move |seq| self.message(seq, 0))
    }

    pub(super) fn message(&self, seq: u64, about: u64) -> Message {
        let stamp = Stamp { run: self.seed, sender: self.sender, incarnation: 0, seq, about };
        stamp.encode(usize::try_from(self.length(seq)).expect("a length"))
    }

    /// Most are short, some have a few thousand bytes, one in a thousand up to the largest.
    pub(super) fn length(&self, seq: u64) -> u64 {
        let mut chance = fastrand::Rng::with_seed(self.seed ^ (u64::from(self.sender) << 40) ^ seq);
        let bound = match chance.u16(..1024) {
            0 => self.largest,
            1..64 => self.largest.min(4096),
            _ => self.largest.min(200),
        };
        chance.u64(40..=bound.max(40) as u64)
    }
}
