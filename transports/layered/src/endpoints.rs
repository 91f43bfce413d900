use std::io;
use std::net::SocketAddr;

use hubless_transport::mio::Registry;
use hubless_transport::{Connection, Dialer, Listener, Offer, TurnedAway, Wait};

use crate::LayeredTransport;
use crate::messages::Whole;
use crate::stream::Layered;

#[derive(Debug)]
pub(crate) struct LayeredDialer {
    pub(crate) below: Box<dyn Dialer>,
    pub(crate) layer: LayeredTransport,
}

#[derive(Debug)]
pub(crate) struct LayeredListener {
    pub(crate) below: Box<dyn Listener>,
    pub(crate) layer: LayeredTransport,
}

/// The layer over what the transport below has given.
fn wrap(below: Connection, dials: bool, layer: LayeredTransport, offer: &Offer) -> io::Result<Connection> {
    let Connection::Stream(below) = below else { return Err(io::ErrorKind::Unsupported.into()) };
    let layered = Layered::new(below, dials, layer, offer);
    Ok(if layer.in_messages {
        Connection::Messages(Box::new(Whole::new(layered, offer.max_message)))
    } else {
        Connection::Stream(Box::new(layered))
    })
}

impl Dialer for LayeredDialer {
    fn host(&self) -> Option<(&str, u16)> {
        self.below.host()
    }

    fn dial(&mut self, resolved: Option<SocketAddr>, offer: &Offer) -> io::Result<Connection> {
        wrap(self.below.dial(resolved, offer)?, true, self.layer, offer)
    }
}

impl Listener for LayeredListener {
    fn bind(&mut self) -> io::Result<()> {
        self.below.bind()
    }

    fn address(&self) -> String {
        self.below.address()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.below.watch(wait)
    }

    fn unwatch(&mut self, registry: &Registry) {
        self.below.unwatch(registry);
    }

    fn accept(&mut self, offer: &Offer) -> io::Result<Connection> {
        wrap(self.below.accept(offer)?, false, self.layer, offer)
    }

    fn turned_away(&mut self) -> Option<TurnedAway> {
        self.below.turned_away()
    }

    fn renew(&mut self) -> io::Result<bool> {
        self.below.renew()
    }
}
