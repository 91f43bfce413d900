//! Data and rules for establishing connections: address to transport, options, the order of a name's addresses, admission, and the
//! single-peer slot of PAIR sockets. No I/O, locks or timers.
//!
//! Depends on `pipe` and `sys`. Dialing, accepting and handshakes run in `background` and use these types. Protocol: places.

pub(super) mod addresses;
pub(super) mod addressing;
pub(super) mod admission;
pub(super) mod newcomer;
pub(super) mod options;
pub(super) mod places;

use super::{pipe, sys};
