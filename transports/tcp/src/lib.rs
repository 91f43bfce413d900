//! The tcp transport of hubless.
//!
//! An address is what follows `tcp://`:
//!
//! | address | means |
//! |---|---|
//! | `127.0.0.1:5555`, `[::1]:5555` | a literal address |
//! | `[fe80::1%eth0]:5555` | a link-local address and the interface it is reached through, by name or number |
//! | `localhost:5555` | a name; a dialer tries every address of it in turn, a listener takes all that this machine has |
//! | `*:5555` | every interface, IPv6, where there is, and IPv4 (listeners) |
//! | `127.0.0.1:0` | a port that the system chooses (listeners) |
//!
//! Sockets have `TCP_NODELAY` on, and keepalive after 15 s of silence, every 5 s, three times. On Linux a peer that vanishes with
//! messages under way, when keepalive does not run, is given up after as much silence. [`Tcp`] is an endpoint for
//! which that and more can be set.

mod address;
mod dialer;
mod endpoint;
mod keepalive;
mod listener;
mod options;
mod silence;
mod stream;
mod zone;

use hubless_transport::{AddressError, Dialer, Listener, Transport};

use crate::address::Place;
use crate::dialer::TcpDialer;
use crate::listener::TcpListener;
use crate::options::Options;

pub use endpoint::Tcp;
pub use keepalive::Keepalive;

/// The tcp transport, for addresses that are strings.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpTransport;

impl TcpTransport {
    /// The transport; it has no settings, and gives every address the default ones.
    pub const fn new() -> Self {
        Self
    }
}

impl Transport for TcpTransport {
    fn scheme(&self) -> &'static str {
        "tcp"
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(TcpDialer::new(Place::to_dial(address)?, Options::default())))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(TcpListener::new(Place::to_listen(address)?, address, Options::default())))
    }
}
