//! What the engine takes from the system, and what does not know what the engine is for: locks and their order, the clock, the
//! handlers of `fork` and signals, random numbers, caught panics, the limit on descriptors, log lines that do not flood.
//!
//! Knows nothing of the rest of the engine. Locks, atomics and threads come from `sync`, so that the models can put theirs in
//! its place. Lock order: `lock_order`.

pub(super) mod clock;
pub(super) mod containment;
pub(super) mod descriptors;
pub(super) mod entropy;
pub(super) mod flag;
pub(super) mod fork;
pub(super) mod limits;
pub(super) mod line;
pub(super) mod lock_order;
pub(super) mod per_process;
pub(super) mod quiet_log;
pub(super) mod ringer;
pub(super) mod signals;
pub(super) mod signpost;
pub(super) mod slice;
pub(super) mod sync;
pub(super) mod trouble;
