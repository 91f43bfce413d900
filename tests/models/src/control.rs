//! Of the engine's room `control`, what the models use.

#[path = "../../../src/engine/control/socket_timer.rs"]
pub(crate) mod socket_timer;
