use std::collections::VecDeque;

use crate::patterns::{Effects, Loss, PipeId, Refusal, UnsentMessage};

/// What a pattern keeps of its peers, and does of itself when one comes or goes. Several patterns share each kind.
pub(super) trait Peers {
    /// A pipe came. One that is refused is not kept.
    fn add<O>(&mut self, pipe: PipeId, fx: &mut impl Effects<O>) -> Result<(), Refusal>;

    /// A pipe left.
    fn remove(&mut self, pipe: PipeId);

    /// A pipe that refused a push has room again.
    #[inline]
    fn writable<O>(&mut self, _pipe: PipeId, _fx: &mut impl Effects<O>) {}

    /// Why there can be no further peer.
    #[inline]
    fn refusal(&self) -> Option<Refusal> {
        None
    }

    /// Whether what a dead pipe left unsent goes to the other peers.
    #[inline]
    fn redistributes(&self) -> bool {
        false
    }

    /// A message came back from a dead pipe.
    #[inline]
    fn take_back<O>(&mut self, unsent: UnsentMessage, fx: &mut impl Effects<O>) {
        drop(unsent);
        fx.count(Loss::PipeLost);
    }

    /// How many messages that came back wait for a pipe with room.
    #[inline]
    fn waiting(&self) -> usize {
        0
    }

    /// Hands out what waits, when there will be no pipe for it any more.
    #[inline]
    fn over(&mut self) -> VecDeque<UnsentMessage> {
        VecDeque::new()
    }
}

/// Peers of which nothing is kept, because nothing is sent to them.
#[derive(Debug, Default)]
pub(super) struct Unkept;

impl Peers for Unkept {
    #[inline]
    fn add<O>(&mut self, _pipe: PipeId, _fx: &mut impl Effects<O>) -> Result<(), Refusal> {
        Ok(())
    }

    #[inline]
    fn remove(&mut self, _pipe: PipeId) {}
}

/// In the `impl Pattern` of one whose field `$peers` keeps its [`Peers`]: all that is said about pipes goes there.
macro_rules! peers_in {
    ($peers:ident) => {
        #[inline]
        fn refusal(&self) -> Option<$crate::patterns::Refusal> {
            $crate::patterns::peers::Peers::refusal(&self.$peers)
        }

        #[inline]
        fn pipe_added(
            &mut self,
            pipe: $crate::patterns::PipeId,
            _peer: &$crate::PeerInfo,
            fx: &mut impl $crate::patterns::Effects<Self::Origin>,
        ) -> Result<(), $crate::patterns::Refusal> {
            $crate::patterns::peers::Peers::add(&mut self.$peers, pipe, fx)
        }

        #[inline]
        fn pipe_removed(
            &mut self,
            pipe: $crate::patterns::PipeId,
            _fx: &mut impl $crate::patterns::Effects<Self::Origin>,
        ) {
            $crate::patterns::peers::Peers::remove(&mut self.$peers, pipe);
        }

        #[inline]
        fn pipe_writable(
            &mut self,
            pipe: $crate::patterns::PipeId,
            fx: &mut impl $crate::patterns::Effects<Self::Origin>,
        ) {
            $crate::patterns::peers::Peers::writable(&mut self.$peers, pipe, fx);
        }

        #[inline]
        fn on_unsent(
            &mut self,
            unsent: $crate::patterns::UnsentMessage,
            fx: &mut impl $crate::patterns::Effects<Self::Origin>,
        ) {
            $crate::patterns::peers::Peers::take_back(&mut self.$peers, unsent, fx);
        }

        #[inline]
        fn redistributes(&self) -> bool {
            $crate::patterns::peers::Peers::redistributes(&self.$peers)
        }

        #[inline]
        fn waiting(&self) -> usize {
            $crate::patterns::peers::Peers::waiting(&self.$peers)
        }

        #[inline]
        fn over(&mut self) -> std::collections::VecDeque<$crate::patterns::UnsentMessage> {
            $crate::patterns::peers::Peers::over(&mut self.$peers)
        }
    };
}

pub(super) use peers_in;
