//! The same with every ordering relaxed.

#[path = "../../../src/engine/allowance.rs"]
mod allowance;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/blocking.rs"]
mod blocking;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/calls.rs"]
mod calls;
#[path = "../../../src/engine/flag.rs"]
mod flag;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/lamp.rs"]
mod lamp;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/lamps.rs"]
mod lamps;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/letterbox.rs"]
mod letterbox;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/letters.rs"]
mod letters;
#[path = "../../../src/engine/per_process.rs"]
mod per_process;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/priority.rs"]
mod priority;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/tasks.rs"]
mod tasks;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/turns.rs"]
mod turns;

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

mod fork {
    pub(super) use super::forking::generation;
}

mod sync {
    pub(crate) use super::super::sync::*;
    pub(crate) use super::flag::Flag;
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
