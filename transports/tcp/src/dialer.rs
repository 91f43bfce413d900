use std::io;
use std::net::SocketAddr;

use hubless_transport::{Connection, Dialer, Offer};

use crate::address::{Endpoint, Host, dialable};
use crate::stream::TcpStream;

/// Dials one host and port.
#[derive(Debug)]
pub(crate) struct TcpDialer {
    endpoint: Endpoint,
}

impl TcpDialer {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }
}

impl Dialer for TcpDialer {
    fn host(&self) -> Option<(&str, u16)> {
        match &self.endpoint.host {
            Host::Name(name) => Some((name, self.endpoint.port)),
            _ => None,
        }
    }

    fn dial(&mut self, resolved: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        let address = match self.endpoint.literal()? {
            Some(address) => address,
            None => resolved.ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidInput, "the name was to be resolved before it is dialed")
            })?,
        };
        Ok(Connection::Stream(Box::new(TcpStream::connect(dialable(address))?)))
    }
}
