//! Waiting and waking: a socket's wait queue and the right to drive its I/O (the seat, in `turns`), the blocking loop of callers
//! (`blocking`) and its async counterpart (`awaiting`), readiness notification (`lamp`), the poller's ready list (`rota`), and the
//! queues of commands and monitor events.
//!
//! Depends on `sys` only; sockets are reached through `blocking::Host`. Nothing here does I/O. The models compile this room
//! unchanged. Protocols: turns, futures, priority, lamps, rota, lending, mailbox, death, watching, calling off.

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
