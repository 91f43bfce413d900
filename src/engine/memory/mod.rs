//! The memory that all sockets of a context may use for messages: the counter that they share, the quota of each socket, what may go
//! beyond the limit, and the buffers that are used again.
//!
//! Depends on `sys` only. Quotas are plain data behind their socket's lock; counter, budget and pools have locks or atomics of their
//! own. Who may use memory, and who waits for it, is decided in `socket::rationing`. Protocols: memory budget (`counter`),
//! overcommit.

pub(super) mod arriving;
pub(super) mod body_pool;
pub(super) mod budget;
pub(super) mod counter;
pub(super) mod overcommit;
pub(super) mod quota;
pub(super) mod read_buffers;

use super::sys;
