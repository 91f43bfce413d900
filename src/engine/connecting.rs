//! From an address to a dialer or listener in the care of the background thread.

use std::io;
use std::sync::Arc;

use hubless_transport::Transport;

use super::context::Context;
use super::dialing::NewDialer;
use super::endpoint::{Dialer, EndpointId, Listener};
use super::listening::NewListener;
use super::mailbox::Command;
use super::socket::Socket;
use crate::error::Error;
use crate::patterns::Pattern;

impl Context {
    /// Binds on the calling thread, so that what is wrong is known at once, and has the background thread accept.
    pub(crate) fn listen<P: Pattern>(&self, socket: &Arc<Socket<P>>, url: &str) -> Result<Listener, Error> {
        socket.mailbox.check()?;
        let (transport, address) = self.transport(url)?;
        let mut listener = transport
            .listener(address)
            .map_err(|error| Error::Address { address: url.into(), reason: error.to_string() })?;
        if !socket.is_open() {
            return Err(Error::Closed);
        }
        listener.bind().map_err(|cause| match cause.kind() {
            io::ErrorKind::AddrInUse => Error::AddressInUse { address: url.into() },
            _ => Error::Listen { address: url.into(), cause },
        })?;
        let key = self.inner.next_id();
        let handle = Listener {
            address: format!("{}://{}", transport.scheme(), listener.address()).into(),
            id: EndpointId::Listener(key),
            mailbox: Arc::clone(&socket.mailbox),
            status: Arc::default(),
        };
        let status = Arc::clone(&handle.status);
        socket.mailbox.tell(Command::Listen(NewListener {
            key,
            listener,
            socket: Arc::clone(socket) as _,
            status,
        }));
        Ok(handle)
    }

    /// Has the background thread connect, and again whenever the connection ends.
    pub(crate) fn dial<P: Pattern>(&self, socket: &Arc<Socket<P>>, url: &str) -> Result<Dialer, Error> {
        socket.mailbox.check()?;
        let (transport, address) = self.transport(url)?;
        let dialer = transport
            .dialer(address)
            .map_err(|error| Error::Address { address: url.into(), reason: error.to_string() })?;
        if !socket.is_open() {
            return Err(Error::Closed);
        }
        let key = self.inner.next_id();
        let handle = Dialer {
            address: url.into(),
            id: EndpointId::Dialer(key),
            mailbox: Arc::clone(&socket.mailbox),
            status: Arc::default(),
        };
        let status = Arc::clone(&handle.status);
        socket.mailbox.tell(Command::Dial(NewDialer {
            key,
            dialer,
            socket: Arc::clone(socket) as _,
            status,
        }));
        Ok(handle)
    }

    /// The transport of an address, and the part of the address that is its business.
    fn transport<'a>(&self, url: &'a str) -> Result<(&Arc<dyn Transport>, &'a str), Error> {
        let refuse = |reason| Err(Error::Address { address: url.into(), reason });
        let Some((scheme, address)) = url.split_once("://") else {
            return refuse(format!("it has no scheme; it begins with one of {}", self.schemes()));
        };
        match self.inner.transports.iter().find(|transport| transport.scheme() == scheme) {
            Some(transport) => Ok((transport, address)),
            None => refuse(format!("there is no transport `{scheme}`; there are {}", self.schemes())),
        }
    }

    fn schemes(&self) -> String {
        let schemes = self.inner.transports.iter().map(|transport| format!("{}://", transport.scheme()));
        schemes.collect::<Vec<_>>().join(", ")
    }
}
