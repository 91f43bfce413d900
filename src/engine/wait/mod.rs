//! Who waits, and who is woken: the queue of those who wait at a socket and take turns at driving it, the one blocking loop and its
//! async twin, readiness that can be watched, and the mailbox's queue of commands.
//!
//! Knows `sys` alone, and of sockets nothing: what it needs of one it asks for by the trait `blocking::Host`. The models compile
//! this room as it is. Protocols: the seat, wake-ups, priority, lamps, letters (ARCHITECTURE.md).

pub(super) mod awaiting;
pub(super) mod blocking;
pub(super) mod calls;
pub(super) mod event_queue;
pub(super) mod lamp;
pub(super) mod lamps;
pub(super) mod letterbox;
pub(super) mod letters;
pub(super) mod priority;
pub(super) mod rota;
pub(super) mod tasks;
pub(super) mod ties;
pub(super) mod turns;

use super::sys;
