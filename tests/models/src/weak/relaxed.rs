//! The same with every ordering relaxed.

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
    pub(crate) use super::super::sync::*;
    pub(crate) use super::sys::flag::Flag;
    pub(crate) type Alarm = super::super::sync::Alarm<Flag>;

    /// Whatever the engine asks for, it gets this.
    pub(crate) struct Ordering;

    #[allow(non_upper_case_globals, reason = "they stand in for those of the system")]
    impl Ordering {
        pub(crate) const Acquire: loom::sync::atomic::Ordering = Self::Relaxed;
        pub(crate) const AcqRel: loom::sync::atomic::Ordering = Self::Relaxed;
        pub(crate) const Relaxed: loom::sync::atomic::Ordering = loom::sync::atomic::Ordering::Relaxed;
        pub(crate) const Release: loom::sync::atomic::Ordering = Self::Relaxed;
    }
}
