//! Of the engine's room `pipe`, what the models use.

#[path = "../../../src/engine/pipe/appointment.rs"]
pub(crate) mod appointment;
#[path = "../../../src/engine/pipe/outflow.rs"]
pub(crate) mod outflow;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/pipe/slots.rs"]
pub(crate) mod slots;
