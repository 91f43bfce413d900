use std::io;
use std::net::SocketAddr;

use hubless_transport::{Connection, Dialer, Offer};

use crate::end::End;
use crate::rendezvous::Namespace;
use crate::sync::Arc;

/// Dials one name.
#[derive(Debug)]
pub(crate) struct InprocDialer {
    namespace: Arc<Namespace>,
    name: Arc<str>,
}

impl InprocDialer {
    pub(crate) fn new(namespace: Arc<Namespace>, name: &str) -> Self {
        Self { namespace, name: name.into() }
    }
}

impl Dialer for InprocDialer {
    fn dial(&mut self, _: Option<SocketAddr>, offer: &Offer) -> io::Result<Connection> {
        Ok(Connection::Messages(Box::new(End::dialed(&self.namespace, &self.name, offer)?)))
    }
}
