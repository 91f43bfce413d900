//! System primitives behind one seam: locks with ranks, atomics, threads, the clock, event-loop wakers, fork and signal handling,
//! random numbers, caught panics, the log, descriptor accounting, time slices, retry pauses, a log that peers cannot fill.
//!
//! Depends on no other room. Only `sync` takes locks, atomics and threads from the standard library, so the models can replace it.
//! Lock order: `lock_order`. Protocols: waking (`event_loop_waker`), one per process (`per_process`), eviction (`eviction_queue`).

pub(super) mod catch_panic;
pub(super) mod clock;
pub(super) mod contained;
pub(super) mod event_loop_waker;
pub(super) mod eviction_queue;
pub(super) mod failures;
pub(super) mod fd_limit;
pub(super) mod flag;
pub(super) mod fork;
pub(super) mod ids;
pub(super) mod limits;
pub(super) mod lock_order;
pub(super) mod logging;
pub(super) mod per_process;
pub(super) mod random;
pub(super) mod rate_limited_log;
pub(super) mod readiness_fd;
pub(super) mod signals;
pub(super) mod slice;
pub(super) mod sync;
