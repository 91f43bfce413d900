//! A forwarder whose context has little memory, between peers of which some drip or take nothing. The rules are the engine's
//! own (`quota.rs`, `overcommit.rs`, `arriving.rs`, `counter.rs`); who asks when is rebuilt here.

#[allow(dead_code, reason = "the engine's own files; their other uses are not here")]
mod rules;

mod arriving;
mod forwarder;
mod leaving;

pub use forwarder::{MemoryFault, simulate_memory};
