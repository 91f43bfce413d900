use std::io;
use std::net::SocketAddr;

use hubless_transport::{Connection, Dialer, Offer};
use rustix::io::Errno;

use crate::address::{Host, Place, dialable};
use crate::options::Options;
use crate::stream::TcpStream;

/// Dials one host and port.
#[derive(Debug)]
pub(crate) struct TcpDialer {
    place: Place,
    options: Options,
}

impl TcpDialer {
    pub(crate) fn new(place: Place, options: Options) -> Self {
        Self { place, options }
    }
}

impl Dialer for TcpDialer {
    fn host(&self) -> Option<(&str, u16)> {
        match &self.place.host {
            Host::Name(name) => Some((name, self.place.port)),
            _ => None,
        }
    }

    fn dial(&mut self, resolved: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        let address = match self.place.literal()? {
            Some(address) => address,
            None => resolved.ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidInput, "the name was to be resolved before it is dialed")
            })?,
        };
        let (first, otherwise) = dialable(address);
        let stream = match (TcpStream::connect(first, &self.options), otherwise) {
            (Err(error), Some(second)) if is_of_family(&error) => TcpStream::connect(second, &self.options),
            (connected, _) => connected,
        };
        Ok(Connection::Stream(Box::new(stream?)))
    }
}

/// Whether the family of the address is what this machine does not have.
fn is_of_family(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::ADDRNOTAVAIL | Errno::AFNOSUPPORT | Errno::NETUNREACH | Errno::HOSTUNREACH)
    )
}
