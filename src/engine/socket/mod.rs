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

pub(super) mod accounting;
pub(super) mod async_ops;
pub(super) mod batching;
pub(super) mod burst;
pub(super) mod calls;
pub(super) mod close_snapshot;
pub(super) mod closing;
mod controls;
pub(super) mod core;
pub(super) mod counters;
pub(super) mod device_io;
pub(super) mod driver;
pub(super) mod driving;
pub(super) mod effects;
pub(super) mod event_loop;
pub(super) mod filling;
mod flushing;
pub(super) mod inbox;
pub(super) mod keyed;
pub(super) mod lifecycle;
pub(super) mod listed;
pub(super) mod liveness;
pub(super) mod managed;
pub(super) mod monitor;
pub(super) mod monitors;
pub(super) mod options;
pub(super) mod overcommit;
pub(super) mod pending_readiness;
pub(super) mod rationing;
pub(super) mod readiness;
pub(super) mod reading;
pub(super) mod ready;
pub(super) mod remains;
pub(super) mod shared;
pub(super) mod streaming;
pub(super) mod taking;
pub(super) mod typed;
pub(super) mod unread;
pub(super) mod untaken;
pub(super) mod untaken_answers;

use super::{connect, control, memory, pipe, sys, wait};
