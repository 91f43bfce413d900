use std::collections::VecDeque;

use hubless_transport::Message;

use crate::patterns::effects::MAX_INTERRUPTIONS;
use crate::patterns::peers::Peers;
use crate::patterns::rotation::Rotation;
use crate::patterns::{Balance, Effects, Full, Loss, PipeId, Refusal, UnsentMessage};

/// Gives each message to one pipe, in turn or by their load. What a dead pipe leaves unsent goes to the others first.
#[derive(Debug)]
pub(super) struct LoadBalancer {
    balance: Balance,
    rotation: Rotation,
    /// Nothing speaks against simply giving the next message to the next pipe: one look a send.
    simple: bool,
    /// Came back from dead pipes and found no room yet.
    unsent: VecDeque<UnsentMessage>,
    /// The memory of these.
    kept: usize,
}

impl LoadBalancer {
    /// Without pipes.
    #[inline]
    pub(super) fn new(balance: Balance) -> Self {
        Self {
            balance,
            rotation: Rotation::default(),
            simple: balance == Balance::RoundRobin,
            unsent: VecDeque::new(),
            kept: 0,
        }
    }

    /// Gives the message to a pipe; it is untouched where none has room, or where older ones wait.
    #[inline]
    pub(super) fn send<O>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut impl Effects<O>,
    ) -> Result<(), Full> {
        if self.simple {
            return self.rotation.push(header, body, fx).map(drop);
        }
        if !self.unsent.is_empty() {
            return Err(Full);
        }
        self.give(header, body, fx).map(drop)
    }

    fn resume<O>(&mut self, fx: &mut impl Effects<O>) {
        while let Some(mut oldest) = self.unsent.pop_front() {
            let cost = oldest.cost();
            self.kept -= cost;
            fx.keeps(self.kept);
            let Ok(pipe) = self.give(oldest.packet.header.as_slice(), &mut oldest.packet.body, fx) else {
                self.unsent.push_front(oldest);
                self.kept += cost;
                fx.keeps(self.kept);
                break;
            };
            if oldest.interruptions > 0 {
                fx.note_interruptions(pipe, oldest.interruptions);
            }
        }
        self.simple = self.balance == Balance::RoundRobin && self.unsent.is_empty();
    }

    #[inline(never)]
    fn give<O>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut impl Effects<O>,
    ) -> Result<PipeId, Full> {
        self.rotation.push_by(self.balance, header, body, fx, Effects::queued)
    }
}

impl Peers for LoadBalancer {
    #[inline]
    fn add<O>(&mut self, pipe: PipeId, fx: &mut impl Effects<O>) -> Result<(), Refusal> {
        self.writable(pipe, fx);
        Ok(())
    }

    #[inline]
    fn remove(&mut self, pipe: PipeId) {
        self.rotation.remove(pipe);
    }

    #[inline]
    fn writable<O>(&mut self, pipe: PipeId, fx: &mut impl Effects<O>) {
        self.rotation.insert(pipe);
        self.resume(fx);
    }

    #[inline]
    fn redistributes(&self) -> bool {
        true
    }

    /// For another pipe, unless it was itself interrupted again and again.
    #[inline]
    fn take_back<O>(&mut self, unsent: UnsentMessage, fx: &mut impl Effects<O>) {
        if unsent.interruptions > MAX_INTERRUPTIONS {
            fx.count(Loss::PipeLost);
        } else {
            self.kept += unsent.cost();
            self.unsent.push_back(unsent);
            fx.keeps(self.kept);
        }
        self.resume(fx);
    }

    #[inline]
    fn waiting(&self) -> usize {
        self.unsent.len()
    }

    #[inline]
    fn over(&mut self) -> VecDeque<UnsentMessage> {
        self.kept = 0;
        std::mem::take(&mut self.unsent)
    }
}
