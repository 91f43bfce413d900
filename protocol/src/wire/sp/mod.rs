//! SP, the protocol of nanomsg, NNG and mangos, on byte streams (sp.md sections 2 to 5).

// What a peer says of lengths is no term of a sum that could be too large.
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod decoder;
mod encoder;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod handshake;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use handshake::{Greeting, greeting, offer};

use hubless_transport::Medium;

/// How messages are delimited on a byte stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// An 8-byte length, as on TCP.
    Length,
    /// A type byte (always 1), then an 8-byte length, as on ipc.
    TypedLength,
}

impl From<Medium> for Framing {
    fn from(medium: Medium) -> Self {
        match medium {
            Medium::TypedStream => Self::TypedLength,
            _ => Self::Length,
        }
    }
}

/// The one type byte there is: an ordinary message (sp.md section 4.2).
const IN_BAND: u8 = 1;

/// How many bytes stand in front of the length.
#[inline]
const fn type_bytes(framing: Framing) -> usize {
    match framing {
        Framing::TypedLength => 1,
        Framing::Length => 0,
    }
}
