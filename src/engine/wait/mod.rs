//! Waiting and waking: a socket's wait queue and the right to drive its I/O (the seat, in `wait_queue`), the blocking loop of
//! callers (`block_on`) and its async counterpart (`poll_wait`), readiness signals (`readiness`), the poller's ready queue, hooks that run when
//! a socket closes, and the queues of commands and monitor events.
//!
//! Depends on `sys` only; sockets are reached through `block_on::Waitable`. Nothing here does I/O. The models compile this room
//! unchanged. Protocols: wait queue, futures, priority, readiness, ready queue, hand-off, command queue, death, monitor queue,
//! cancellation.

pub(super) mod block_on;
pub(super) mod close_hooks;
pub(super) mod command_queue;
pub(super) mod deferred_wakeups;
pub(super) mod event_queue;
pub(super) mod poll_wait;
pub(super) mod readiness;
pub(super) mod ready_queue;
pub(super) mod wait_queue;

use super::sys;
