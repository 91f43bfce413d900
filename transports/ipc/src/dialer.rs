use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use hubless_transport::{Connection, Dialer, Offer};

use crate::address::Place;
use crate::claim;
use crate::options::Options;
use crate::stream::IpcStream;

/// Dials one path or name.
#[derive(Debug)]
pub(crate) struct IpcDialer {
    place: Place,
    /// The whole path, of a relative one that stayed one.
    whole: Option<PathBuf>,
    options: Options,
}

impl IpcDialer {
    pub(crate) fn new(place: Place, options: Options) -> Self {
        let place = place.anchored();
        let whole = match &place {
            Place::Path(path) if path.is_relative() => std::path::absolute(path).ok(),
            _ => None,
        };
        Self { place, whole, options }
    }
}

impl Dialer for IpcDialer {
    fn dial(&mut self, _: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        if let (Place::Path(path), Some(whole)) = (&self.place, &self.whole) {
            claim::stays(path, whole)?;
        }
        Ok(Connection::Stream(Box::new(IpcStream::connect(&self.place, &self.options)?)))
    }
}
