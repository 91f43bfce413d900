use std::fmt;

use hubless_protocol::patterns::ProtocolViolation;
use hubless_protocol::wire::DecodeError;

use super::IoCause;
use crate::human::{count, counted};
use crate::stats::ProtocolViolations;

/// Why a connection that stood has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Removal {
    /// The peer closed it.
    PeerLeft,
    /// It broke.
    Broken(IoCause),
    /// The peer announced a message over the limit, which is [`Builder::max_message`](crate::Builder::max_message).
    MessageTooLarge {
        /// How many bytes it announced.
        length: u64,
        /// How many bytes it may have.
        limit: u64,
    },
    /// The peer sent a frame of an unknown type (ipc).
    UnknownFrame {
        /// The type.
        frame_type: u8,
    },
    /// The peer sent a header that is too short, or without its end.
    MalformedHeader,
    /// The peer sent a message to a socket that receives none.
    UnexpectedMessage,
    /// A message that the peer had begun came at less than 1 KiB a second. Or it went beyond the limit of memory
    /// ([`ContextBuilder::max_memory`](crate::ContextBuilder::max_memory)), from the peer or to it, and did not get on
    /// steadily to be done within a minute after another message first wanted its place.
    TooSlow,
    /// The dialer or listener that it came through was closed.
    EndpointClosed,
    /// The socket was closed.
    SocketClosed,
    /// A step for it panicked: a bug of the library or of a transport.
    Panicked,
    /// The system has no memory for a message that arrives.
    OutOfMemory,
}

impl Removal {
    /// Whether the peer broke the protocol.
    pub fn is_violation(&self) -> bool {
        match self {
            Self::MessageTooLarge { .. }
            | Self::UnknownFrame { .. }
            | Self::MalformedHeader
            | Self::UnexpectedMessage
            | Self::TooSlow => true,
            Self::PeerLeft
            | Self::Broken(_)
            | Self::EndpointClosed
            | Self::SocketClosed
            | Self::Panicked
            | Self::OutOfMemory => false,
        }
    }

    /// Counts what the peer did wrong, if it did.
    pub(crate) fn count(&self, violations: &mut ProtocolViolations) {
        *match self {
            Self::MessageTooLarge { .. } => &mut violations.message_too_large,
            Self::UnknownFrame { .. } => &mut violations.unknown_frame,
            Self::MalformedHeader => &mut violations.malformed_header,
            Self::UnexpectedMessage => &mut violations.unexpected_message,
            Self::TooSlow => &mut violations.too_slow,
            Self::PeerLeft
            | Self::Broken(_)
            | Self::EndpointClosed
            | Self::SocketClosed
            | Self::Panicked
            | Self::OutOfMemory => {
                return;
            }
        } += 1;
    }
}

impl From<DecodeError> for Removal {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::TooLarge { length, limit } => Self::MessageTooLarge { length, limit },
            DecodeError::FrameType(frame_type) => Self::UnknownFrame { frame_type },
            DecodeError::NoMemory => Self::OutOfMemory,
        }
    }
}

impl From<ProtocolViolation> for Removal {
    fn from(violation: ProtocolViolation) -> Self {
        match violation {
            ProtocolViolation::MalformedHeader => Self::MalformedHeader,
            ProtocolViolation::Unexpected => Self::UnexpectedMessage,
        }
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerLeft => f.write_str("the peer closed the connection"),
            Self::Broken(cause) => write!(f, "the connection broke: {cause}"),
            Self::MessageTooLarge { length, limit } => {
                let (length, limit) = (counted(*length, "byte"), count(*limit));
                write!(f, "the peer announced a message of {length}, and the limit is {limit}")
            }
            Self::UnknownFrame { frame_type } => {
                write!(f, "the peer sent a frame of the unknown type {frame_type}")
            }
            Self::MalformedHeader => f.write_str("the peer sent a malformed header"),
            Self::UnexpectedMessage => f.write_str("the peer sent a message where none is expected"),
            Self::TooSlow => f.write_str(
                "a message of the peer came too slowly, or it took one too slowly while others waited",
            ),
            Self::EndpointClosed => f.write_str("its endpoint was closed from our side"),
            Self::SocketClosed => f.write_str("the socket was closed from our side"),
            Self::Panicked => f.write_str("a step for it panicked, which is a bug"),
            Self::OutOfMemory => f.write_str("the system has no memory for a message that arrives"),
        }
    }
}
