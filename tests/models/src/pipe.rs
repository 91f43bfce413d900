//! Of the engine's room `pipe`, what the models use.

#[path = "../../../src/engine/pipe/flush_state.rs"]
pub(crate) mod flush_state;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/pipe/slots.rs"]
pub(crate) mod slots;
