use std::fmt;

use hubless_protocol::patterns::{Refusal, Role};
use hubless_protocol::wire::handshake;

use super::IoCause;
use crate::stats::Refused;

/// Why a connection, or an attempt at one, came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The name in the dialer's address cannot be looked up.
    Unresolved(IoCause),
    /// The name in the dialer's address has no network address.
    NoAddress,
    /// The connection could not be made, as where nobody listens, or it broke before the handshake was over.
    Broken(IoCause),
    /// The peer closed the connection during the handshake.
    PeerLeft,
    /// The handshake was not over by its deadline, [`Builder::handshake_timeout`](crate::Builder::handshake_timeout).
    TooSlow,
    /// A newer connection needed room, because as many handshakes were under way at the listener as may be, all its
    /// [`max_connections`](crate::Builder::max_connections) or all of the process's descriptors for connections were taken, and this
    /// handshake was the oldest in which nothing was said.
    TooManyHandshakes,
    /// The peer does not speak the wire protocol.
    UnknownProtocol,
    /// The peer speaks a version of the wire protocol that is not known here.
    UnknownVersion(u8),
    /// The peer's part of the handshake is not well formed, for this reason.
    MalformedHandshake(String),
    /// The peer is of another pattern, or the wrong end of this one. The numbers are those of the wire
    /// protocol.
    WrongPattern {
        /// What the peer is.
        found: u16,
        /// What this socket talks to.
        wanted: u16,
    },
    /// The listener's [`Admission`](crate::admission::Admission), or its transport, did not let the peer in, for this reason.
    Denied(String),
    /// A PAIR that has its peer. At a listener, the newcomer has waited for half of the
    /// [`handshake_timeout`](crate::Builder::handshake_timeout), or has hung up; a dialer did not connect, or hung up before it greeted.
    AlreadyPaired,
    /// The socket was closed meanwhile.
    SocketClosed,
    /// The transport panicked while it dialed, or in the handshake, which is a bug of it.
    Panicked,
}

impl Failure {
    /// What a peer is refused for in the handshake of a socket of this role.
    pub(crate) fn of_handshake(refusal: handshake::Refusal, role: Role) -> Self {
        match refusal {
            handshake::Refusal::UnknownProtocol => Self::UnknownProtocol,
            handshake::Refusal::UnknownVersion(version) => Self::UnknownVersion(version),
            handshake::Refusal::ReservedBytes(bytes) => {
                Self::MalformedHandshake(format!("its reserved bytes are {bytes:#06x} and not zero"))
            }
            handshake::Refusal::WrongPattern(found) => {
                let wanted = role.peers().first().copied().unwrap_or(role).number();
                Self::WrongPattern { found, wanted }
            }
        }
    }

    /// Counts a connection that ended for this.
    pub(crate) fn count(&self, refused: &mut Refused) {
        *match self {
            Self::Unresolved(_)
            | Self::NoAddress
            | Self::Broken(_)
            | Self::PeerLeft
            | Self::SocketClosed
            | Self::Panicked => &mut refused.broken,
            Self::TooSlow => &mut refused.too_slow,
            Self::TooManyHandshakes => &mut refused.too_many,
            Self::UnknownProtocol | Self::MalformedHandshake(_) => &mut refused.unknown_protocol,
            Self::UnknownVersion(_) => &mut refused.unknown_version,
            Self::WrongPattern { .. } => &mut refused.wrong_pattern,
            Self::Denied(_) => &mut refused.denied,
            Self::AlreadyPaired => &mut refused.already_paired,
        } += 1;
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AlreadyPaired => Self::AlreadyPaired,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(cause) => write!(f, "the name cannot be looked up: {cause}"),
            Self::NoAddress => f.write_str("the name has no address"),
            Self::Broken(cause) => write!(f, "{cause}"),
            Self::PeerLeft => f.write_str(
                "the peer closed the connection during the handshake, as one does that expects another pattern, does not \
                 let us in, or is a PAIR that has its peer",
            ),
            Self::TooSlow => f.write_str("the handshake was not over by its deadline"),
            Self::TooManyHandshakes => f.write_str("too many connections at once, and this handshake was the oldest"),
            Self::UnknownProtocol => f.write_str("the peer does not speak SP"),
            Self::UnknownVersion(version) => {
                write!(f, "the peer speaks version {version} of SP, and only 0 is known")
            }
            Self::MalformedHandshake(reason) => write!(f, "the peer's handshake is malformed: {reason}"),
            Self::WrongPattern { found, wanted } => mismatch(f, *found, *wanted),
            Self::Denied(reason) => write!(f, "the peer was not let in: {reason}"),
            Self::AlreadyPaired => f.write_str("the PAIR has its peer already"),
            Self::SocketClosed => f.write_str("the socket is closed"),
            Self::Panicked => f.write_str("the transport panicked, which is a bug"),
        }
    }
}

fn mismatch(f: &mut fmt::Formatter<'_>, found: u16, wanted: u16) -> fmt::Result {
    match Role::from_number(found) {
        Some(role) => write!(f, "the peer is a {role}")?,
        None => write!(f, "the peer has the unknown protocol {found:#06x}")?,
    }
    match Role::from_number(wanted) {
        Some(wanted) => {
            let ours = wanted.peers().first().copied().unwrap_or(wanted);
            write!(f, ", and a {ours} talks to a {wanted}")
        }
        None => Ok(()),
    }
}
