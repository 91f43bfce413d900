//! A live peer, as plain data: the table of pipes, what is queued for one and when it is written, what it has counted, and what
//! memory the queues take.
//!
//! Knows how others are woken (`wait`), and neither sockets nor the background thread. Nothing here takes the socket's lock; most of
//! it is guarded by that. Protocols: memory (`allowance`, `beyond`), word of room (`outflow`), numbers (`slots`).

pub(super) mod allowance;
pub(super) mod appointment;
pub(super) mod beyond;
pub(super) mod chase;
pub(super) mod connection;
pub(super) mod counters;
pub(super) mod cuts;
pub(super) mod ids;
pub(super) mod leaving;
pub(super) mod loose;
pub(super) mod memory;
pub(super) mod outbound;
pub(super) mod outflow;
pub(super) mod pace;
pub(super) mod progress;
pub(super) mod read_buffers;
pub(super) mod recycling;
pub(super) mod silence;
pub(super) mod slots;
pub(super) mod source;
pub(super) mod table;
pub(super) mod unsent;
pub(super) mod work_queue;

use super::sys;
