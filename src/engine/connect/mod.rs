//! Data and rules for establishing connections: address to transport, options, the order of a name's addresses, the handshake of
//! one connection, admission, and the single-peer slot of PAIR sockets. No locks or timers; the only I/O is `handshake_io`, which
//! moves the bytes of a handshake.
//!
//! Depends on `pipe` and `sys`. Dialing and accepting run in `background`, which keeps the deadlines. Protocol: one peer (`places`).

pub(super) mod addresses;
pub(super) mod admission;
pub(super) mod handshake;
pub(super) mod handshake_io;
pub(super) mod newcomer;
pub(super) mod options;
pub(super) mod places;

use super::{pipe, sys};
