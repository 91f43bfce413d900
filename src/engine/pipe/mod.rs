//! The state of live peers: the pipe table, send queues, flush state, detection of streams, traffic counters, what is known of slow
//! and vanished peers; and the memory budget and the buffer pools that all pipes share.
//!
//! Depends on `sys` only. Never takes a socket's lock, which guards most of this; budget, pools and `Source` have locks or atomics of
//! their own. Writes go through `outflow::Outlet`, implemented in `socket`. Protocols: outflow, displacing (`packet_queue`), timer
//! (`appointment`), successors (`slots`), allowance, places beyond the limit (`beyond`).

pub(super) mod allowance;
pub(super) mod appointment;
pub(super) mod arriving;
pub(super) mod beyond;
pub(super) mod budget;
pub(super) mod connection;
pub(super) mod cuts;
pub(super) mod leaving;
pub(super) mod memory;
pub(super) mod outflow;
pub(super) mod packet_queue;
pub(super) mod progress;
pub(super) mod read_buffers;
pub(super) mod recycling;
pub(super) mod send_queue;
pub(super) mod silence;
pub(super) mod slots;
pub(super) mod source;
pub(super) mod table;
pub(super) mod unsent;
pub(super) mod work_queue;

use super::sys;
