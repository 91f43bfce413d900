//! The same with every ordering relaxed.

mod pipe;
mod sys;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/wait/mod.rs"]
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
