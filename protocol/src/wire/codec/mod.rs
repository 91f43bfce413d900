//! The codec of one connection, chosen by what its handshake has agreed on: one branch a message, none where there is one wire.

mod decoder;
mod encoder;

pub use decoder::{DecodeError, Decoder};
pub use encoder::{Encoder, SLICES};

use super::sp::{self, Framing};
#[cfg(any(test, feature = "test-wire"))]
use super::test_wire;

/// The same call of whichever decoder or encoder it is.
macro_rules! each {
    ($codec:expr, $inner:ident => $call:expr) => {
        match $codec {
            Self::Sp($inner) => $call,
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test($inner) => $call,
        }
    };
}
use each;

/// How everything behind a handshake is encoded, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// As SP does, which has messages alone.
    Sp,
    /// As the wire for tests does.
    #[doc(hidden)]
    #[cfg(any(test, feature = "test-wire"))]
    Test(test_wire::Keys),
}

impl Codec {
    /// Whether it has [controls](crate::Control).
    #[inline]
    pub fn has_controls(self) -> bool {
        match self {
            Self::Sp => false,
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(_) => true,
        }
    }

    /// Whether it seals what it encodes, in the order in which that is written. Then nothing is encoded before it is to be written,
    /// by one encoder for all of the connection; and what was encoded is not read again.
    #[inline]
    pub fn seals(self) -> bool {
        match self {
            Self::Sp => false,
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(keys) => keys.sealed,
        }
    }

    /// How many bytes each message takes in addition to its own, on a stream of this framing.
    #[inline]
    pub fn prefix(self, framing: Framing) -> usize {
        match self {
            Self::Sp => sp::Encoder::prefix(framing),
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(_) => test_wire::PREFIX,
        }
    }
}

#[cfg(test)]
mod tests;
