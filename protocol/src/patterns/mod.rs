//! The messaging patterns, each a pure state machine: no I/O, no clock, no lock, no thread, no randomness of its own.
//!
//! A machine sees pipes, messages and the time it is given, and acts on the world through [`Effects`] only. The engine
//! calls it with the socket's one lock held and carries out what follows from the effects after it has let go.

mod backtrace;
mod balance;
mod bus;
mod effects;
mod hops;
mod ids;
mod incoming;
mod lazy_queue;
mod load_balancer;
mod only_peer;
mod overflow;
mod pair;
mod peers;
mod pipes;
mod publish;
mod pull;
mod push;
mod queueing;
pub mod raw;
mod reply;
mod req;
mod req_options;
mod requests;
mod rotation;
mod subscribe;
mod subscriptions;
mod surveyor;
mod timer;

use std::collections::VecDeque;
use std::convert::Infallible;

use hubless_transport::{Message, Packet};

use crate::{Control, PeerInfo};

pub use crate::role::Role;
pub use bus::Bus;
pub use effects::{
    Effects, Ending, Full, Inbox, Key, Loss, PipeId, ProtocolViolation, Refusal, Share, Time, UnsentMessage,
    Verdict,
};
pub use ids::{IdHasher, IdMap};
pub use incoming::Incoming;
pub use pair::Pair;
pub use publish::Publish;
pub use pull::Pull;
pub use push::Push;
pub use queueing::Queueing;
pub use reply::{Answer, Reply, Route};
pub use req::Req;
pub use req_options::ReqOptions;
pub use subscribe::Subscribe;
pub use subscriptions::Subscriptions;
pub use surveyor::{Question, Surveyor};

pub use balance::Balance;
pub use overflow::Overflow;

/// What one send takes.
pub trait Outgoing: Send {
    /// How large it is. What a pattern adds to it does not count.
    fn size(&self) -> usize;
}

impl Outgoing for Message {
    fn size(&self) -> usize {
        self.len()
    }
}

impl Outgoing for Packet {
    fn size(&self) -> usize {
        self.header.len() + self.body.len()
    }
}

impl Outgoing for Infallible {
    fn size(&self) -> usize {
        match *self {}
    }
}

/// One messaging pattern, one end of it.
pub trait Pattern: Send + Sized + 'static {
    /// What one send takes.
    type Outgoing: Outgoing;
    /// What names a send afterwards; the key of the inbox its answers arrive in, or `()`.
    type Ticket: Copy + Send;
    /// What comes along with a received message: REP's way back, a survey's respondent, or `()`.
    type Origin: Send;

    /// The SP numbers of both ends.
    fn role(&self) -> Role;

    /// How its messages are queued; the same for all its life.
    fn queueing(&self) -> Queueing {
        if self.role().waits_for_room() { Queueing::Waiting } else { Queueing::Dropping }
    }

    /// Why it takes no further peer now. Asked before a peer is greeted, so that none is refused that believes to be in.
    fn refusal(&self) -> Option<Refusal> {
        None
    }

    /// A peer is past its handshake: this is what is known of it.
    ///
    /// # Errors
    ///
    /// Why the peer is refused. The pipe closes, and the machine must not keep it.
    fn pipe_added(
        &mut self,
        pipe: PipeId,
        peer: &PeerInfo,
        fx: &mut impl Effects<Self::Origin>,
    ) -> Result<(), Refusal>;

    /// The pipe is gone; nothing can be pushed to it any more. Called once for every pipe that was added.
    fn pipe_removed(&mut self, pipe: PipeId, fx: &mut impl Effects<Self::Origin>);

    /// A pipe that refused a push or a control has room again, for what it refused; where it refused both, perhaps for one of them.
    fn pipe_writable(&mut self, pipe: PipeId, fx: &mut impl Effects<Self::Origin>);

    /// Whether it is worth trying to send now that a pipe is writable. Where it is not, nobody who waits is woken for it.
    fn may_send(&self) -> bool {
        true
    }

    /// A message that was pushed to a pipe that died before its last byte left. Oldest first, after `pipe_removed`.
    fn on_unsent(&mut self, unsent: UnsentMessage, fx: &mut impl Effects<Self::Origin>) {
        drop(unsent);
        fx.count(Loss::PipeLost);
    }

    /// Whether what a dead pipe left unsent goes to the other peers, even while the socket closes.
    fn redistributes(&self) -> bool {
        false
    }

    /// The socket closes: the user sends nothing more and takes no answer.
    fn closing(&mut self) {}

    /// How many unsent messages the machine keeps until a pipe has room. They are lost when the socket closes.
    fn waiting(&self) -> usize {
        0
    }

    /// The socket is over: what waits is lost, and handed out to be let go of.
    fn over(&mut self) -> VecDeque<UnsentMessage> {
        VecDeque::new()
    }

    /// A message has arrived.
    fn message(
        &mut self,
        pipe: PipeId,
        incoming: Incoming<'_>,
        fx: &mut impl Effects<Self::Origin>,
    ) -> Verdict;

    /// The peer has said something beside messages, in a wire protocol that can: what of it is for a pattern.
    fn control(
        &mut self,
        _pipe: PipeId,
        _control: Control<'_>,
        _fx: &mut impl Effects<Self::Origin>,
    ) -> Verdict {
        Verdict::Close(ProtocolViolation::Unexpected)
    }

    /// The user sends; what is left of `outgoing` says nothing.
    ///
    /// # Errors
    ///
    /// [`Full`] with no room. `outgoing` is untouched, and the engine calls again when a pipe was added or became writable,
    /// or a ticket was cancelled.
    fn send(
        &mut self,
        outgoing: &mut Self::Outgoing,
        fx: &mut impl Effects<Self::Origin>,
    ) -> Result<Self::Ticket, Full>;

    /// Nobody waits for what `ticket` named any more. The engine has closed its inbox.
    fn cancel(&mut self, _ticket: Self::Ticket, _fx: &mut impl Effects<Self::Origin>) {}

    /// The time armed last has come.
    fn timer(&mut self, _fx: &mut impl Effects<Self::Origin>) {}
}
