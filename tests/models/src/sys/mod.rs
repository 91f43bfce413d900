//! Of the engine's room `sys`, what the models use, on the model checker's primitives.

#[path = "../../../../src/engine/sys/flag.rs"]
pub(crate) mod flag;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../../src/engine/sys/ids.rs"]
pub(crate) mod ids;
#[path = "../../../../src/engine/sys/line.rs"]
pub(crate) mod line;
pub(crate) mod sync;
