//! The wire protocols, each a pure codec: it sees bytes and nothing else. No I/O, no clock, no lock, no thread.
//!
//! A connection begins with a [`handshake`] and goes on with the codec that this has agreed on: [`Codec`] chooses the [`Decoder`]
//! and the [`Encoder`]. What is decoded is an [`Item`]: a message, or a [control](crate::Control) beside messages.
//!
//! A second wire protocol is a folder beside `sp`: a machine for its handshake, which [`handshake::begin`] makes, a decoder, an
//! encoder, and a variant of [`Wire`](crate::Wire), [`Codec`], [`Decoder`] and [`Encoder`] each. Its decoder bounds what a control may claim, as it
//! does messages: a ping is copied and answered whatever its length. A wire that seals says so in
//! [`Codec::seals`], keeps messages until their bytes have left, and opens what it has read in [`Decoder::open`], where no lock is
//! held. `test_wire` is one that does all of it, for tests alone.

mod codec;
pub mod handshake;
mod item;
// What a peer says of lengths is no term of a sum that could be too large.
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
mod large_body;
mod sp;
#[cfg(any(test, feature = "test-wire"))]
#[allow(missing_docs, unnameable_types, unreachable_pub, reason = "it is there for tests alone")]
mod test_wire;

pub use codec::{Codec, DecodeError, Decoder, Encoder, SLICES};
pub use handshake::{Form, Turn};
pub use item::Item;
pub use sp::{Decoder as SpDecoder, Encoder as SpEncoder, Framing, Greeting, greeting, offer};
