//! Waiting and waking: a socket's wait queue and the right to drive its I/O (the seat, in `turns`), the blocking loop of callers
//! (`blocking`) and its async counterpart (`awaiting`), readiness signals (`readiness`), the poller's ready queue, hooks that run when
//! a socket closes, and the queues of commands and monitor events.
//!
//! Depends on `sys` only; sockets are reached through `blocking::Host`. Nothing here does I/O. The models compile this room
//! unchanged. Protocols: turns, futures, priority, readiness, ready queue, lending, mailbox, death, monitors, cancellation.

pub(super) mod awaiting;
pub(super) mod blocking;
pub(super) mod calls;
pub(super) mod close_hooks;
pub(super) mod command_queue;
pub(super) mod event_queue;
pub(super) mod priority;
pub(super) mod readiness;
pub(super) mod ready_queue;
pub(super) mod tasks;
pub(super) mod turns;

use super::sys;
