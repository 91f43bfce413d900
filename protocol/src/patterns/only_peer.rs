use hubless_transport::Message;

use crate::patterns::peers::Peers;
use crate::patterns::{Effects, Full, PipeId, Refusal};

/// The one peer of a PAIR.
#[derive(Debug, Default)]
pub(super) struct OnlyPeer {
    pipe: Option<PipeId>,
    /// Its queue was full, and has not been said to have room since. Until then nobody sends: one who only tries would take
    /// each bit of room, and one who waits is told only when there is more.
    full: bool,
}

impl OnlyPeer {
    #[inline]
    pub(super) fn is_absent(&self) -> bool {
        self.pipe.is_none()
    }

    #[inline]
    pub(super) fn is(&self, pipe: PipeId) -> bool {
        self.pipe == Some(pipe)
    }

    /// Queues a message for it. One that only lacks memory leaves the way open to smaller ones.
    #[inline]
    pub(super) fn push<O>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut impl Effects<O>,
    ) -> Result<(), Full> {
        let Some(pipe) = self.pipe.filter(|_| !self.full) else { return Err(Full) };
        let pushed = fx.push(pipe, header, body);
        if pushed.is_err() {
            self.full = !fx.has_room(pipe);
        }
        pushed
    }
}

impl Peers for OnlyPeer {
    fn refusal(&self) -> Option<Refusal> {
        self.pipe.map(|_| Refusal::AlreadyPaired)
    }

    fn add<O>(&mut self, pipe: PipeId, _fx: &mut impl Effects<O>) -> Result<(), Refusal> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        *self = Self { pipe: Some(pipe), full: false };
        Ok(())
    }

    fn remove(&mut self, pipe: PipeId) {
        if self.is(pipe) {
            *self = Self::default();
        }
    }

    #[inline]
    fn writable<O>(&mut self, pipe: PipeId, _fx: &mut impl Effects<O>) {
        if self.is(pipe) {
            self.full = false;
        }
    }
}
