//! A connection on its way to a pipe: how far the handshake is, and what has to be decided before it goes on.

use std::collections::VecDeque;

use hubless_protocol::wire::handshake::{self, Session};
use hubless_protocol::wire::{Form, Turn, offer};
use hubless_protocol::{Role, Wire};
use hubless_transport::{Connection, Offer, Packet};

use super::admission::{AdmissionState, Admitted};
use super::places::Need;
use super::sys::contained::Contained;

/// How far a handshake has come.
#[derive(Debug)]
pub(crate) enum Step {
    /// The other end has to do something first, or somebody has to decide.
    Wait,
    /// The peer is known, and somebody is to say whether it is let in.
    Ask,
    /// The peer is to be told that it is in, which takes the one place that the socket has.
    Seek,
    Done(Admitted),
}

/// The handshake of one connection. The machine of the wire protocol says what is said; here bytes are moved, and here is
/// decided who is let in.
#[expect(clippy::struct_excessive_bools, reason = "each is set once by itself; no two make one state")]
#[derive(Debug)]
pub(crate) struct Handshake {
    pub(crate) connection: Contained<Connection>,
    pub(crate) admission: AdmissionState,
    pub(crate) need: Need,
    pub(super) machine: Box<dyn handshake::Handshake>,
    pub(super) role: Role,
    pub(super) is_dialed: bool,
    pub(super) is_established: bool,
    /// The machine has asked whether its peer may come in.
    pub(super) has_asked: bool,
    pub(super) session: Option<Session>,
    /// The machine knows what the other end has offered, where that is not said in the stream.
    pub(super) has_heard: bool,
    /// Bytes that came while the handshake was held.
    pub(super) early_bytes: usize,
    /// Messages that came meanwhile.
    pub(super) early: VecDeque<Packet>,
}

/// What a handshake leaves behind when it is done.
#[derive(Debug)]
pub(crate) struct Remains {
    pub(crate) connection: Contained<Connection>,
    /// Who is at the other end, as far as was said in it.
    pub(crate) session: Session,
    /// Bytes that came behind the handshake.
    pub(crate) surplus: Vec<u8>,
    /// Messages that came before the end of it.
    pub(crate) early: VecDeque<Packet>,
}

impl Handshake {
    /// The handshake of a fresh connection of a socket of this role that speaks this. Where somebody decides about the peer, or there is one
    /// place, a listener hears first, and greets only who is let in: a peer that is refused never believed that it had a pipe, and
    /// so lost nothing in it.
    pub(crate) fn new(
        connection: impl Into<Contained<Connection>>,
        (wire, role): (Wire, Role),
        is_dialed: bool,
        admission: AdmissionState,
    ) -> Self {
        let connection = connection.into();
        let need = if role.has_one_peer() { Need::Wanted } else { Need::Nothing };
        let decides = need != Need::Nothing || !matches!(admission, AdmissionState::Open);
        let turn = if (decides || wire.listener_hears_first()) && !is_dialed {
            Turn::HearsFirst
        } else {
            Turn::SpeaksFirst
        };
        let form = if let Connection::Messages(_) = *connection { Form::Offer } else { Form::Greeting };
        Self::with(handshake::begin(wire, role, form, turn), connection, role, is_dialed, (admission, need))
    }

    pub(super) fn with(
        machine: Box<dyn handshake::Handshake>,
        connection: Contained<Connection>,
        role: Role,
        is_dialed: bool,
        (admission, need): (AdmissionState, Need),
    ) -> Self {
        Self {
            connection,
            admission,
            need,
            machine,
            role,
            is_dialed,
            is_established: false,
            has_asked: false,
            session: None,
            has_heard: false,
            early_bytes: 0,
            early: VecDeque::new(),
        }
    }

    /// Whether we dialed.
    pub(crate) fn is_dialed(&self) -> bool {
        self.is_dialed
    }

    /// Whether bytes or messages can flow.
    pub(crate) fn is_established(&self) -> bool {
        self.is_established
    }

    /// Whether the peer has yet to say who it is, and does not wait for anybody's answer or for a place.
    pub(crate) fn awaits_the_peer(&self) -> bool {
        !matches!(self.admission, AdmissionState::Waiting) && self.need != Need::Held
    }

    /// What is to be decided before a peer that is known may come in; nothing, if all is.
    pub(super) fn undecided(&self) -> Option<Step> {
        match (&self.admission, self.need) {
            (AdmissionState::Guarded(_), _) => Some(Step::Ask),
            (AdmissionState::Waiting, _) | (_, Need::Held) => Some(Step::Wait),
            (AdmissionState::Open, Need::Wanted) => Some(Step::Seek),
            (AdmissionState::Open, Need::Nothing | Need::Kept) => None,
        }
    }

    /// What it leaves, if it is done.
    pub(crate) fn into_remains(mut self) -> Option<Remains> {
        let session = self.session?;
        let surplus = self.machine.surplus();
        Some(Remains { connection: self.connection, session, surplus, early: self.early })
    }
}

/// What a socket of this role says of itself where the medium has a way of its own to say it.
pub(crate) fn offer_of(role: Role, max_message: u64) -> Offer {
    let wanted = role.peers().iter().map(|role| offer(*role));
    Offer::new(offer(role), wanted).with_max_message(max_message)
}
