//! From an address to a dialer or listener in the care of the background thread.

use std::io;
use std::sync::Arc;

use hubless_transport::Transport;

use super::attended::Attended;
use super::context::Context;
use super::dialing::NewDialer;
use super::endpoint::{Dialer, End, EndpointId, Listener};
use super::listening::NewListener;
use super::mailbox::Command;
use super::socket::Socket;
use super::source::Source;
use crate::error::Error;
use crate::monitor::{Event, Via};
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
        let address: Arc<str> = format!("{}://{}", transport.scheme(), listener.address()).into();
        let source = Source::new(EndpointId::Listener(key), Via::Listener(Arc::clone(&address)));
        let handle = Listener { address, end: socket.end(source), status: Arc::default() };
        let source = Arc::clone(&handle.end.source);
        socket.tell(|| Event::Listening { via: source.via.clone() });
        let status = Arc::clone(&handle.status);
        socket.mailbox.tell(Command::Listen(NewListener {
            key,
            listener,
            source,
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
        let address: Arc<str> = url.into();
        let source = Source::new(EndpointId::Dialer(key), Via::Dialer(Arc::clone(&address)));
        let handle = Dialer { address, end: socket.end(source), status: Arc::default() };
        let source = Arc::clone(&handle.end.source);
        let status = Arc::clone(&handle.status);
        socket.mailbox.tell(Command::Dial(NewDialer {
            key,
            dialer,
            source,
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

impl<P: Pattern> Socket<P> {
    /// What the handle of a new dialer or listener has of this socket.
    fn end(self: &Arc<Self>, source: Source) -> End {
        let socket: Arc<dyn Attended> = Arc::clone(self) as _;
        End { source: Arc::new(source), mailbox: Arc::clone(&self.mailbox), socket: Arc::downgrade(&socket) }
    }
}
