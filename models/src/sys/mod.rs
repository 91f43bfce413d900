//! Of the engine's room `sys`, what the models use, on the model checker's primitives.

#[path = "../../../src/engine/sys/flag.rs"]
pub(crate) mod flag;
#[path = "../../../src/engine/sys/line.rs"]
pub(crate) mod line;
pub(crate) mod sync;
