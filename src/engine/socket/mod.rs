//! A pattern behind one lock: what it does, what it delivers, who drives it and how bytes are read and written, how pipes join and
//! leave, how it closes, what memory it may use.
//!
//! The only room with `impl Socket`. It asks the background thread by `control` and is seen by it as `attended::Attended`.
//! Protocols: the driver, the write lock of each pipe, closing, bells (ARCHITECTURE.md).

pub(super) mod accounting;
pub(super) mod attending;
pub(super) mod bell;
pub(super) mod closing;
pub(super) mod core;
pub(super) mod driver;
pub(super) mod driving;
pub(super) mod effects;
pub(super) mod farewell;
pub(super) mod flushing;
pub(super) mod forwarding;
pub(super) mod inbox;
pub(super) mod keyed;
pub(super) mod lifecycle;
pub(super) mod liveness;
pub(super) mod monitor;
pub(super) mod notes;
pub(super) mod polling;
pub(super) mod rationing;
pub(super) mod reading;
pub(super) mod ready;
pub(super) mod remains;
pub(super) mod shared;
pub(super) mod taking;
pub(super) mod unread;
pub(super) mod untaken;
pub(super) mod watch;
pub(super) mod watchers;

use super::{connect, control, pipe, sys, wait};
