//! The engine's files as they are, and what is modelled around them.

#[path = "memory_room.rs"]
mod memory_room;
#[path = "sys.rs"]
mod sys;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../../src/engine/wait/mod.rs"]
mod wait;

#[path = "dying.rs"]
pub(super) mod dying;
#[path = "flags.rs"]
pub(super) mod flags;
#[path = "forking.rs"]
pub(super) mod forking;
#[path = "memory.rs"]
pub(super) mod memory;
#[path = "spinning.rs"]
pub(super) mod spinning;

pub(super) mod sync {
    pub(crate) use loom::sync::atomic::Ordering;

    pub(crate) use super::super::sync::*;
    pub(crate) use super::sys::flag::Flag;
    pub(crate) type Alarm = super::super::sync::Alarm<Flag>;
}
