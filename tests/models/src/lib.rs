//! Models of the engine's concurrency protocols.
//!
//! The files that hold the protocols are the engine's own, compiled here with locks, threads and wakers that the model
//! checker shuttle controls; those that do something without a lock with loom's, too (`weak`). What is around them, a socket with one pipe, the system's event loop and a background thread,
//! is rebuilt as small as possible. Each model has mutants with one mistake built in, which must fail: they show that the
//! model can see it. Mistakes are built into the surroundings (see `host::Fault`), never into the engine.
#![cfg(test)]
#![allow(clippy::duplicate_mod, reason = "the same files are compiled with other locks")]

mod connect;
mod control;
mod deadlines;
mod pipe;
mod streams;
mod sys;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../../src/engine/wait/mod.rs"]
mod wait;

mod background;
mod bare;
mod cancellation;
mod check;
mod executor;
mod host;
mod kernel;

mod broadcasting;
mod closing;
mod command_queue;
mod displacing;
mod ending;
mod eviction;
mod futures;
mod handoff;
mod invariants;
mod memory;
mod monitors;
mod notifying;
mod overtaking;
mod pair;
mod peers;
mod placing;
mod polling;
mod readiness;
mod receiving;
mod sending;
mod streaming;
mod successors;
mod timing;
mod together;
mod weak;
