//! What hubless says and does, without I/O: the messaging patterns and the wire protocols.
//!
//! A pattern is a state machine over pipes and messages ([`patterns::Pattern`]) that acts on the world only through
//! [`patterns::Effects`]. A wire protocol is a codec over bytes ([`wire`]). Neither has a clock, a lock, a thread or a
//! system call, so all of it can be simulated, fuzzed and measured by itself. The crate `hubless` drives it.
//!
//! A peer may say something beside messages, in wire protocols that can: a [`Control`]. How a second wire protocol is added is told
//! in [`wire`].
//!
//! This is an inner part of hubless: its interface changes with it, without notice.

#![allow(clippy::exhaustive_enums, reason = "who drives the patterns must handle every case")]

mod control;
pub mod patterns;
mod peer;
mod role;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wire;

pub use control::{Control, ControlKind, ControlRefused};
pub use peer::{PeerInfo, Wire};
pub use role::Role;
