use std::io;
use std::net::SocketAddr;

use hubless_transport::{Connection, Dialer, Offer};

use crate::address::Place;
use crate::stream::IpcStream;

/// Dials one path or name.
#[derive(Debug)]
pub(crate) struct IpcDialer {
    place: Place,
}

impl IpcDialer {
    pub(crate) fn new(place: Place) -> Self {
        Self { place }
    }
}

impl Dialer for IpcDialer {
    fn dial(&mut self, _: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        Ok(Connection::Stream(Box::new(IpcStream::connect(&self.place)?)))
    }
}
