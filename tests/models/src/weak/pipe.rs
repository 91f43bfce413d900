//! Of the engine's room `pipe`, what these models use.

#[path = "../../../../src/engine/pipe/allowance.rs"]
pub(crate) mod allowance;

use super::sys;
