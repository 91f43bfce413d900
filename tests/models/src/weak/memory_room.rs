//! Of the engine's room `memory`, what these models use.

#[path = "../../../../src/engine/memory/counter.rs"]
pub(crate) mod counter;

use super::sys;
