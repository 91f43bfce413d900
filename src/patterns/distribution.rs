use std::collections::VecDeque;

use hubless_transport::{Message, Packet};

use crate::patterns::cuts::Cuts;
use crate::patterns::rotation::Rotation;
use crate::patterns::{Effects, Full, Loss, PipeId};

/// Gives each message to one pipe, round robin. What a dead pipe leaves unsent goes to the others first.
#[derive(Debug, Default)]
pub(crate) struct Distribution {
    rotation: Rotation,
    /// Came back from dead pipes and found no room yet.
    returned: VecDeque<Packet>,
    cuts: Cuts,
}

impl Distribution {
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
        if !self.returned.is_empty() {
            return Err(Full);
        }
        self.rotation.push(header, body, fx).map(drop)
    }

    fn resume<O>(&mut self, fx: &mut impl Effects<O>) {
        while let Some(Packet { header, body, .. }) = self.returned.front_mut() {
            if self.rotation.push(header.as_slice(), body, fx).is_err() {
                return;
            }
            self.returned.pop_front();
        }
    }
}
