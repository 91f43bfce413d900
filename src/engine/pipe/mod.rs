//! The state of live peers: the pipe table, send queues, flush state, traffic counters of endpoints, and what is known of slow and
//! vanished peers.
//!
//! Depends on `memory` and `sys`. Plain data behind the socket's lock, or behind the lock of a pipe's read or write side; it takes no
//! lock but that of an endpoint's counters. Writes go through `flush_state::FlushTarget`, implemented in `socket`. Protocols: flush
//! state, displacing (`packet_queue`), successors (`slots`).

pub(super) mod connection;
pub(super) mod controls;
pub(super) mod endpoint_counters;
pub(super) mod flush_state;
pub(super) mod interruptions;
pub(super) mod leaving;
pub(super) mod packet_queue;
pub(super) mod peer_liveness;
pub(super) mod pipe_queue;
pub(super) mod send_queue;
pub(super) mod slots;
pub(super) mod stalled_message;
pub(super) mod table;
pub(super) mod unsent;

use super::{memory, sys};
