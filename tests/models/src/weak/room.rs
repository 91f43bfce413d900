//! The engine's files, and what is modelled around them. `Ordering` is that of the module around this one.

#[path = "../bare.rs"]
mod bare;
#[path = "memory_room.rs"]
mod memory_room;
#[path = "sys.rs"]
mod sys;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../../src/engine/wait/mod.rs"]
mod wait;

#[path = "dying.rs"]
pub(crate) mod dying;
#[path = "flags.rs"]
pub(crate) mod flags;
#[path = "forking.rs"]
pub(crate) mod forking;
#[path = "memory.rs"]
pub(crate) mod memory;
#[path = "spinning.rs"]
pub(crate) mod spinning;

pub(super) mod sync {
    pub(crate) use super::super::super::sync::*;
    pub(crate) use super::super::Ordering;
    pub(crate) use super::sys::flag::Flag;
    pub(crate) type Alarm = super::super::super::sync::Alarm<Flag>;
}
