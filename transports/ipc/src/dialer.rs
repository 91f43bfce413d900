use std::io;
use std::net::SocketAddr;

use hubless_transport::{Connection, Dialer, Offer};

use crate::address::Place;
use crate::options::Options;
use crate::stream::IpcStream;

/// Dials one path or name.
#[derive(Debug)]
pub(crate) struct IpcDialer {
    place: Place,
    options: Options,
}

impl IpcDialer {
    pub(crate) fn new(place: Place, options: Options) -> Self {
        Self { place, options }
    }
}

impl Dialer for IpcDialer {
    fn dial(&mut self, _: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        Ok(Connection::Stream(Box::new(IpcStream::connect(&self.place, &self.options)?)))
    }
}
