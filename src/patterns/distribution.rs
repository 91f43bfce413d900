use std::collections::VecDeque;

use hubless_transport::{Message, Packet};

use crate::patterns::cuts::Cuts;
use crate::patterns::rotation::Rotation;
use crate::patterns::{Balance, Effects, Full, Loss, PipeId};

/// Gives each message to one pipe, in turn or by their load. What a dead pipe leaves unsent goes to the others first.
#[derive(Debug)]
pub(crate) struct Distribution {
    balance: Balance,
    rotation: Rotation,
    /// Nothing speaks against simply giving the next message to the next pipe: one look a send.
    simple: bool,
    /// Came back from dead pipes and found no room yet.
    returned: VecDeque<Packet>,
    cuts: Cuts,
}

impl Distribution {
    /// Without pipes.
    pub(crate) fn new(balance: Balance) -> Self {
        Self {
            balance,
            rotation: Rotation::default(),
            simple: balance == Balance::RoundRobin,
            returned: VecDeque::new(),
            cuts: Cuts::default(),
        }
    }

    /// A pipe has room: a new one, or one that was full.
    pub(crate) fn admit<O>(&mut self, pipe: PipeId, fx: &mut impl Effects<O>) {
        self.rotation.insert(pipe);
        self.resume(fx);
    }

    /// A pipe is gone.
    pub(crate) fn remove(&mut self, pipe: PipeId) {
        self.rotation.remove(pipe);
    }

    /// A message came back from a dead pipe.
    pub(crate) fn take_back<O>(&mut self, packet: Packet, fx: &mut impl Effects<O>) {
        self.returned.push_back(packet);
        self.resume(fx);
    }

    /// A message came back from a dead pipe that was written in part: for another pipe, unless this happens again and
    /// again.
    pub(crate) fn take_back_cut<O>(&mut self, packet: Packet, fx: &mut impl Effects<O>) {
        if self.cuts.one_more(&packet.body) {
            fx.count(Loss::PipeLost);
            self.resume(fx);
        } else {
            self.take_back(packet, fx);
        }
    }

    /// How many messages found no room since their pipe died.
    pub(crate) fn waiting(&self) -> usize {
        self.returned.len()
    }

    /// Gives the message to a pipe; it is untouched where none has room, or where older ones wait.
    #[inline]
    pub(crate) fn send<O>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut impl Effects<O>,
    ) -> Result<(), Full> {
        if self.simple {
            return self.rotation.push(header, body, fx).map(drop);
        }
        if !self.returned.is_empty() {
            return Err(Full);
        }
        self.give(header, body, fx)
    }

    fn resume<O>(&mut self, fx: &mut impl Effects<O>) {
        while let Some(mut oldest) = self.returned.pop_front() {
            if self.give(oldest.header.as_slice(), &mut oldest.body, fx).is_err() {
                self.returned.push_front(oldest);
                break;
            }
        }
        self.simple = self.balance == Balance::RoundRobin && self.returned.is_empty();
    }

    #[inline(never)]
    fn give<O>(&mut self, header: &[u8], body: &mut Message, fx: &mut impl Effects<O>) -> Result<(), Full> {
        self.rotation.push_by(self.balance, header, body, fx, Effects::queued).map(drop)
    }
}
