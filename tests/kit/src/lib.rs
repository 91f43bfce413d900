//! What all tests of hubless share, one word for each thing: a [`Site`] to run at, a [`Child`] process, a [`Peer`](peer::Peer) made of a
//! system socket, a [`Stamp`] on each message and a [`Ledger`] of those that came, conditions to wait for ([`eventually`]), and
//! the attribute that runs a test over each transport ([`macro@over`]), and a watchdog ([`within`]).
//!
//! A call of this crate fails its test by a panic.
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::exhaustive_enums,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "tests use it, and its names say what it is"
)]

#[cfg(feature = "bench")]
pub mod bench;
pub mod child;
pub mod executors;
pub mod forking;
mod gauge;
pub mod interop;
mod ledger;
pub mod lines;
pub mod peer;
mod site;
mod sockets;
mod stamp;
pub mod transport;
pub mod traps;
mod wait;

pub use child::Child;
pub use gauge::{Gauge, allow_descriptors, cpu_time, descriptors, limit_descriptors};
pub use hubless::Socket;
pub use hubless_kit_over::over;
pub use ledger::{Breach, Ledger};
pub use site::{ALL, Site, WIRES, over, over_within, serial};
pub use sockets::{
    Peers, body, counts, header, link, linked, listen_again, pass_the_time, passes, send_until_refused,
    send_until_stuck,
};
pub use stamp::Stamp;
pub use wait::{
    LIMIT, SOON, WHILE, eventually, eventually_sees, holds_within, now, pause, stalled, stays, within,
};
