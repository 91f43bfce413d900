//! The wire protocols, each a pure codec: it sees octets and nothing else. No I/O, no clock, no lock, no thread.

mod sp;

pub use sp::{Body, Decoder, Frames, Violation, handshake};
