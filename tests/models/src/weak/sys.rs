//! Of the engine's room `sys`, what these models use.

#[path = "../../../../src/engine/sys/flag.rs"]
pub(crate) mod flag;
#[path = "../../../../src/engine/sys/per_process.rs"]
pub(crate) mod per_process;

pub(super) use super::sync;

/// Stands in for the engine's `fork`.
mod fork {
    pub(super) use super::super::forking::generation;
}
