//! The background thread: one for each context. It dials and dials again, accepts, has handshakes made, asks judges, keeps timers,
//! looks up names, and drives the sockets that no caller drives.
//!
//! The only room with `impl Worker`. It sees sockets as `control::attended::Attended` alone, so no pattern is known here. Each kind
//! of work has a slice of time (`worker::KINDS`).

pub(super) mod departures;
pub(super) mod dialing;
pub(super) mod exchange;
pub(super) mod failing;
pub(super) mod greeting;
pub(super) mod judging;
pub(super) mod listening;
pub(super) mod making_room;
pub(super) mod resolver;
pub(super) mod retiring;
pub(super) mod seeking;
pub(super) mod timers;
pub(super) mod worker;

use super::{connect, control, pipe, sys};
