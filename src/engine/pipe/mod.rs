//! The state of live peers: the pipe table, send queues, flush state, traffic counters, what is known of slow and vanished peers; and
//! the memory budget and the buffer pools that all pipes share.
//!
//! Depends on `sys` only. Never takes a socket's lock, which guards most of this; budget, pools and counters of endpoints have locks or
//! atomics of their own. Writes go through `flush_state::FlushTarget`, implemented in `socket`. Protocols: flush state, displacing
//! (`packet_queue`), successors (`slots`), memory budget (`allowance`), overcommit (`beyond`).

pub(super) mod allowance;
pub(super) mod arriving;
pub(super) mod beyond;
pub(super) mod body_pool;
pub(super) mod budget;
pub(super) mod connection;
pub(super) mod endpoint_counters;
pub(super) mod flush_state;
pub(super) mod interruptions;
pub(super) mod leaving;
pub(super) mod memory;
pub(super) mod packet_queue;
pub(super) mod peer_liveness;
pub(super) mod pipe_queue;
pub(super) mod progress;
pub(super) mod read_buffers;
pub(super) mod send_queue;
pub(super) mod slots;
pub(super) mod table;
pub(super) mod unsent;

use super::sys;
