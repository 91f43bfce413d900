//! The wire protocols, each a pure codec: it sees octets and nothing else. No I/O, no clock, no lock, no thread.

pub mod handshake;
mod sp;

pub use sp::{Body, Decoder, Form, Frames, Framing, Greeting, Turn, Violation, greeting, offer};
