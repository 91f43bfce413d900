//! How two ends find out that they can talk, whatever the wire protocol.

use std::fmt;

use hubless_transport::Identity;

use super::codec::Codec;
use super::sp::Greeting;
#[cfg(any(test, feature = "test-wire"))]
use super::test_wire;
use crate::{PeerInfo, Role, Wire};

/// Which end greets first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// We do, and a peer that talks to us is let in.
    SpeaksFirst,
    /// The peer does, and has our greeting only when it is let in: one that is refused never believed that it was.
    HearsFirst,
}

/// In which form the two ends tell each other what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A greeting, at the beginning of a byte stream.
    Greeting,
    /// An [`offer`](super::offer), all of it at once, where the medium has a way of its own to say it.
    Offer,
}

/// Begins a handshake of an end that has this role and speaks this wire protocol.
pub fn begin(wire: Wire, role: Role, form: Form, turn: Turn) -> Box<dyn Handshake> {
    match wire {
        Wire::Sp => Box::new(Greeting::new(role, form, turn)),
        #[cfg(any(test, feature = "test-wire"))]
        Wire::Test { sealed } => Box::new(test_wire::Greeting::new(sealed, role, form, turn)),
    }
}

/// One end of a handshake, of as many rounds as it needs.
///
/// Who drives it moves bytes and decides who is let in:
///
/// 1. [`advance`](Self::advance) with what has arrived, which is nothing at first;
/// 2. on [`Step::Ask`], [`admit`](Self::admit) once the peer may come in, or drop the machine;
/// 3. send what is [`outgoing`](Self::outgoing), and say how much was [`sent`](Self::sent);
/// 4. read [`wants`](Self::wants) bytes at most and begin anew, until [`Step::Done`] and nothing is outgoing.
pub trait Handshake: fmt::Debug + Send {
    /// Takes all of `input`. What is not needed for the handshake is kept: see [`surplus`](Self::surplus).
    ///
    /// # Errors
    ///
    /// The peer is not one to talk to, and that is final. What is outgoing then tells the peer why, where the protocol has a
    /// way to say it.
    fn advance(&mut self, input: &[u8]) -> Result<Step, Refusal>;

    /// How many bytes to read at most before the next [`advance`](Self::advance), so that what belongs to the messages behind
    /// the handshake is left where it is, if that can be known.
    fn wants(&self) -> usize;

    /// The peer that was asked about may come in.
    fn admit(&mut self);

    /// What is to be sent now.
    fn outgoing(&self) -> &[u8];

    /// So much of what was outgoing has been sent.
    fn sent(&mut self, count: usize);

    /// Takes out what came behind the handshake: the beginning of the first messages.
    fn surplus(&mut self) -> Vec<u8>;
}

/// How far a handshake has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The peer has to say more, or hear more.
    NeedMore,
    /// The peer is known, and waits for our word that it may come in. Said once; until [`Handshake::admit`] the machine
    /// only keeps what arrives.
    Ask(PeerInfo),
    /// The peer has said all there is to say. The pipe may begin when everything outgoing has been sent.
    Done(Session),
}

/// What two ends have agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who is at the other end.
    pub peer: PeerInfo,
    /// How everything is encoded from now on.
    pub codec: Codec,
}

impl Session {
    /// What two ends of SP agree on.
    pub fn sp(peer: PeerInfo) -> Self {
        Self { peer, codec: Codec::Sp }
    }

    /// The same, with what the transport knows of who the peer is.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.peer.identity = identity;
        self
    }
}

/// Why a peer is not one to talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It speaks something else.
    UnknownProtocol,
    /// It speaks a version that does not exist yet.
    UnknownVersion(u8),
    /// Bytes that are reserved are not zero.
    ReservedBytes(u16),
    /// It is the wrong end or another pattern; this is its number.
    WrongPattern(u16),
}
