//! A socket: a pattern, its pipes and its inboxes behind one lock. Sending and receiving (`calls`), the driver that polls
//! and reads, when and how it flushes (`batching`, `flushing`), who may use memory (`rationing`), how pipes are added and
//! removed, closing, monitors and readiness.
//!
//! What differs by pattern is in `calls`, `async_ops`, `typed`, `inbox` and `reading::parse_stretch`. All other code is that
//! of `AnySocket` and `State`, and compiled once.
//!
//! The only room with `impl AnySocket` and `impl Socket`. It reaches background threads through `control::worker_handle`,
//! and they reach it through `ManagedSocket`. Steps under the lock change data and record what is left to do;
//! `AnySocket::act` does that after unlocking. Protocols: hand-off, flush state, displacing, notices
//! (`pending_readiness`), memory budget, readiness, monitor queue, closing, cancellation.

// The socket, and what its lock guards.
pub(super) mod core;
pub(super) mod effects;
pub(super) mod listed;
pub(super) mod options;
pub(super) mod shared;
pub(super) mod typed;

// What callers do: threads, futures and devices.
pub(super) mod async_ops;
pub(super) mod calls;
pub(super) mod device_io;
pub(super) mod taking;

// Who drives: events, and a round of writing and reading.
pub(super) mod driver;
pub(super) mod driving;
pub(super) mod event_loop;
pub(super) mod pending_readiness;

// What is sent: when it is written, and writing it.
pub(super) mod batching;
pub(super) mod burst;
mod flushing;
pub(super) mod streaming;

// What is received: reading, and where messages wait.
mod controls;
pub(super) mod filling;
pub(super) mod inbox;
pub(super) mod keyed;
pub(super) mod reading;
pub(super) mod unread;
pub(super) mod untaken;
pub(super) mod untaken_answers;

// Pipes come and go, and the socket ends.
pub(super) mod close_snapshot;
pub(super) mod closing;
pub(super) mod lifecycle;
pub(super) mod liveness;
pub(super) mod managed;
pub(super) mod remains;

// Memory that is short.
pub(super) mod overcommit;
pub(super) mod rationing;

// What is seen from outside: counters, events and readiness.
pub(super) mod accounting;
pub(super) mod counters;
pub(super) mod monitor;
pub(super) mod monitors;
pub(super) mod readiness;
pub(super) mod ready;

use super::{connect, control, memory, pipe, sys, wait};
