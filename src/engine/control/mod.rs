//! The interface between callers, sockets and background threads: commands and the handle of a background thread (`worker_handle`),
//! completions, the handles of dialers and listeners, the blocking close, and `ManagedSocket`, the trait through which a thread sees
//! a socket of any pattern.
//!
//! Depends on `connect`, `memory`, `pipe`, `wait` and `sys`; names neither `Socket` nor `Worker`. Protocols: command queue
//! (`worker_handle`), death (`completion`), timer (`socket_timer`).

pub(super) mod close_report;
mod close_timer;
pub(super) mod closer;
pub(super) mod completion;
pub(super) mod endpoint;
pub(super) mod managed_socket;
pub(super) mod named_endpoint;
pub(super) mod new_endpoints;
pub(super) mod socket_timer;
pub(super) mod tokens;
pub(super) mod until;
pub(super) mod worker_handle;

use super::{connect, memory, pipe, sys, wait};
