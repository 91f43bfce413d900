//! Where the other end is.

use hubless::{Error, Socket};

use crate::arguments::Endpoints;
use crate::arguments::perf::Place;
use crate::connections::Connections;

/// One address, to listen on or to dial.
#[derive(Debug)]
pub(super) struct Site {
    endpoints: Endpoints,
    /// The scheme of the address.
    pub(super) transport: String,
}

impl Site {
    pub(super) fn new(place: Place) -> Self {
        let address = place.listen.as_ref().or(place.dial.as_ref()).map_or("", String::as_str);
        let transport = address.split("://").next().unwrap_or_default().to_owned();
        let endpoints =
            Endpoints { listen: place.listen.into_iter().collect(), dial: place.dial.into_iter().collect() };
        Self { endpoints, transport }
    }

    /// Has each socket listen or dial there.
    pub(super) fn connect<S: Socket>(&self, sockets: &[S]) -> Result<Vec<Connections>, Error> {
        sockets.iter().map(|socket| Connections::open(socket, &self.endpoints)).collect()
    }
}

/// So many sockets.
pub(super) fn several<S>(count: u16, open: impl Fn() -> Result<S, Error>) -> Result<Vec<S>, Error> {
    (0..count).map(|_| open()).collect()
}
