//! Of the engine's room `connect`, what the models use.

#[allow(dead_code, reason = "dialers have no part in the model")]
#[path = "../../../src/engine/connect/places.rs"]
pub(crate) mod places;

use super::sys;
