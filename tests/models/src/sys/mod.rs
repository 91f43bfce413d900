//! Of the engine's room `sys`, what the models use, on the model checker's primitives.

#[path = "../../../../src/engine/sys/eviction_queue.rs"]
pub(crate) mod eviction_queue;
#[path = "../../../../src/engine/sys/flag.rs"]
pub(crate) mod flag;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../../src/engine/sys/ids.rs"]
pub(crate) mod ids;
pub(crate) mod sync;
