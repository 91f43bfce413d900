//! SP, the protocol of nanomsg, NNG and mangos, on byte streams (sp.md sections 2 to 5).

// What a peer says of lengths is no term of a sum that could be too large.
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod decoder;
mod frames;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod handshake;

pub use decoder::{Body, Decoder, Violation};
pub use frames::Frames;
pub use handshake::{Form, Greeting, Turn, greeting};

use hubless_transport::Framing;

/// The one type octet there is: an ordinary message (sp.md section 4.2).
const IN_BAND: u8 = 1;

/// How many octets stand in front of the length.
#[inline]
const fn type_octets(framing: Framing) -> usize {
    match framing {
        Framing::TypedLength => 1,
        _ => 0,
    }
}
