//! Of the engine's room `background`, what the models use.

#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/background/timers.rs"]
pub(crate) mod timers;

use super::sys;
