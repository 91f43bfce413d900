//! Background threads, one per context unless `ContextBuilder::threads` says more. A thread dials with back-off, accepts, runs
//! handshakes and admission, keeps timers, resolves names, closes sockets, and drives sockets that no caller is driving.
//!
//! The only room with `impl Worker`. It sees sockets as `Arc<dyn ManagedSocket>` and knows their role but not their pattern. Work is
//! scheduled in time slices, one per kind (`scheduler`, `tasks::KINDS`). Protocols: death, timer, eviction, one peer.

pub(super) mod departures;
pub(super) mod dialing;
pub(super) mod eviction;
pub(super) mod failing;
pub(super) mod handshake;
pub(super) mod judging;
pub(super) mod listening;
pub(super) mod relief_queue;
pub(super) mod resolver;
pub(super) mod retiring;
pub(super) mod scheduler;
pub(super) mod seeking;
pub(super) mod tasks;
pub(super) mod timers;
pub(super) mod work_queue;
pub(super) mod worker;

use super::{connect, control, pipe, sys};
