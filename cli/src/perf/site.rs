//! Where the other end is.

use hubless::{Error, Socket};

use crate::arguments::perf::Place;
use crate::arguments::{Endpoints, Side};
use crate::connections::Connections;

/// One address, to listen on or to dial.
#[derive(Debug)]
pub(super) struct Site {
    endpoints: Endpoints,
    /// The scheme of the address.
    pub(super) transport: String,
}

impl Site {
    /// Where this role of `perf` listens or dials.
    pub(super) fn new(place: Place, role: &str) -> Self {
        let endpoints = place.endpoints(Side::of_role(role));
        let address = endpoints.listen.iter().chain(&endpoints.dial).next().map_or("", String::as_str);
        let transport = address.split("://").next().unwrap_or_default().to_owned();
        Self { endpoints, transport }
    }

    /// Has each socket listen or dial there.
    pub(super) fn connect<S: Socket>(&self, sockets: &[S]) -> Result<Vec<Connections>, Error> {
        sockets.iter().map(|socket| Connections::open(socket, &self.endpoints)).collect()
    }
}

/// This many sockets.
pub(super) fn several<S>(count: u16, open: impl Fn() -> Result<S, Error>) -> Result<Vec<S>, Error> {
    (0..count).map(|_| open()).collect()
}
