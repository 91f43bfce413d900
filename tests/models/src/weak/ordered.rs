//! The engine's files as they are.

pub(crate) use loom::sync::atomic::Ordering;

#[path = "room.rs"]
mod room;
pub(super) use room::*;
