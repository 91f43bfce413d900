//! Models of the engine's concurrency protocols.
//!
//! The files that hold the protocols are the engine's own, compiled here with locks, threads and wakers that the model
//! checker shuttle controls; those that do something without a lock with loom's, too (`weak`). What is around them, a socket with one pipe, the system's event loop and a background thread,
//! is rebuilt as small as possible. Each model has twins with one mistake built in, which must fail: they show that the
//! model can see it. Mistakes are built into the surroundings (see `host::Fault`), never into the engine.
#![cfg(test)]
#![allow(clippy::duplicate_mod, reason = "the same files are compiled with other locks")]

#[path = "../../src/engine/appointment.rs"]
mod appointment;
#[path = "../../src/engine/awaiting.rs"]
mod awaiting;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/blocking.rs"]
mod blocking;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/calls.rs"]
mod calls;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/event_queue.rs"]
mod event_queue;
#[path = "../../src/engine/flag.rs"]
mod flag;
#[path = "../../src/engine/lamp.rs"]
mod lamp;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/lamps.rs"]
mod lamps;
#[path = "../../src/engine/letterbox.rs"]
mod letterbox;
#[path = "../../src/engine/line.rs"]
mod line;
#[path = "../../src/engine/outflow.rs"]
mod outflow;
#[allow(dead_code, reason = "octets are counted in messages here")]
#[path = "../../src/engine/pace.rs"]
mod pace;
#[allow(dead_code, reason = "dialers have no part in the model")]
#[path = "../../src/engine/places.rs"]
mod places;
#[path = "../../src/engine/priority.rs"]
mod priority;
#[allow(dead_code, reason = "nobody is struck off here")]
#[path = "../../src/engine/rota.rs"]
mod rota;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/slots.rs"]
mod slots;
#[path = "../../src/engine/tasks.rs"]
mod tasks;
#[path = "../../src/engine/ties.rs"]
mod ties;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/timers.rs"]
mod timers;
#[allow(dead_code, reason = "each model uses what it needs")]
#[path = "../../src/engine/turns.rs"]
mod turns;

mod background;
mod check;
mod host;
mod kernel;
mod socket;
mod sync;

mod broadcasting;
mod calling_off;
mod closing;
mod displacing;
mod ending;
mod futures;
mod invariants;
mod lending;
mod looking_on;
mod mailbox;
mod making_room;
mod notifying;
mod overtaking;
mod pair;
mod peers;
mod placing;
mod polling;
mod receiving;
mod sending;
mod streaming;
mod successors;
mod timing;
mod together;
mod watching;
mod weak;
