//! A transport for tests: a layer over tcp that has what TLS has and plain sockets have not.
//!
//! * Before bytes flow its two ends say each other their keys, in a handshake of three round trips.
//! * What is written becomes records, which stay in a buffer until it is flushed.
//! * A record is read as a whole, and more of them at once than one read hands out.
//! * Now and then one end asks the other for a sign of life, so reading leaves something to write.
//!
//! It keeps nobody from reading anything. In its other form it carries whole messages, as WebSocket does: it puts them together, and so has
//! half ones.
#![forbid(unsafe_code)]

mod endpoints;
mod input;
mod messages;
mod output;
mod record;
mod stream;

use hubless_tcp::TcpTransport;
use hubless_transport::{AddressError, Dialer, Listener, Transport};

use endpoints::{LayeredDialer, LayeredListener};

/// The bytes of a key.
pub const KEY: usize = 4;

/// Connections by the scheme `layered`; addresses are those of tcp.
#[derive(Debug, Clone, Copy)]
pub struct LayeredTransport {
    pub(crate) key: [u8; KEY],
    pub(crate) in_messages: bool,
    pub(crate) asks: bool,
    pub(crate) answers_first: bool,
}

impl LayeredTransport {
    /// The transport of one whose key is this.
    pub const fn new(key: [u8; KEY]) -> Self {
        Self { key, in_messages: false, asks: true, answers_first: false }
    }

    /// The same, whose ends never ask for a sign of life.
    #[must_use]
    pub const fn without_asking(self) -> Self {
        Self { asks: false, ..self }
    }

    /// The same, which reads nothing more before it has answered. Good for one direction: two ends that both have no room to
    /// answer would wait for each other.
    #[must_use]
    pub const fn answering_first(self) -> Self {
        Self { answers_first: true, ..self }
    }

    /// The same, whose connections carry whole messages, by the scheme `whole`.
    #[must_use]
    pub const fn in_messages(self) -> Self {
        Self { in_messages: true, ..self }
    }
}

impl Transport for LayeredTransport {
    fn scheme(&self) -> &'static str {
        if self.in_messages { "whole" } else { "layered" }
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(LayeredDialer { below: TcpTransport::new().dialer(address)?, layer: *self }))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(LayeredListener { below: TcpTransport::new().listener(address)?, layer: *self }))
    }
}
