//! From an endpoint to a dialer or listener in the care of the background thread.

use std::io;
use std::sync::Arc;

use hubless_transport::{AddressError, DialPlan, EndpointError, ListenPlan, Transport, scheme};

use super::context::Context;
use super::control::endpoint::{Dialer, End, Listener};
use super::control::managed_socket::ManagedSocket;
use super::control::new_endpoints::NewDialer;
use super::control::new_endpoints::NewListener;
use super::control::worker_handle::Command;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::socket::shared::AnySocket;
use super::sys::ids::EndpointId;
use crate::error::Error;
use crate::monitor::{EventKind, LocalEndpoint};
use crate::transports::SWITCHED_OFF;

impl Context {
    /// Binds on the calling thread, so that what is wrong is known at once, and has the background thread accept.
    pub(crate) fn listen(
        &self,
        socket: &Arc<AnySocket>,
        plan: Result<ListenPlan, EndpointError>,
    ) -> Result<Listener, Error> {
        socket.worker.check()?;
        let plan = plan?;
        let options = socket.options.of_listener(&plan);
        let ListenPlan { address: url, listener, .. } = plan;
        let mut listener = match listener {
            Some(listener) => listener,
            None => self.resolve(&url, |transport, place| transport.listener(place))?,
        };
        if !socket.is_open() {
            return Err(Error::Closed);
        }
        if let Err(cause) = listener.bind() {
            return Err(match cause.kind() {
                // Of a name with several addresses, the listener says which is taken.
                io::ErrorKind::AddrInUse => {
                    let scheme = scheme(&url);
                    Error::AddressInUse { address: format!("{scheme}://{}", listener.address()) }
                }
                _ => Error::Listen { address: url, cause },
            });
        }
        let key = self.inner.next_id();
        // On this thread as well: a listener that nobody hears of is none.
        if let Err(cause) = socket.worker.watch_listener(key, &mut *listener) {
            return Err(Error::Listen { address: url, cause });
        }
        let scheme = scheme(&url);
        let address: Arc<str> = format!("{scheme}://{}", listener.address()).into();
        let source =
            SourceEndpoint::new(EndpointId::Listener(key), LocalEndpoint::Listener(Arc::clone(&address)));
        let handle = Listener { address, end: end(socket, source), status: Arc::default() };
        let source = Arc::clone(&handle.end.source);
        socket.tell(|| EventKind::Listening { via: source.via.clone() });
        let status = Arc::clone(&handle.status);
        let listener = listener.into();
        let new = NewListener { key, listener, options, source, socket: Arc::clone(socket) as _, status };
        socket.worker.tell(Command::Listen(new));
        Ok(handle)
    }

    /// Has the background thread connect, and again whenever the connection ends.
    pub(crate) fn dial(
        &self,
        socket: &Arc<AnySocket>,
        plan: Result<DialPlan, EndpointError>,
    ) -> Result<Dialer, Error> {
        socket.worker.check()?;
        let plan = plan?;
        let options = socket.options.of_dialer(&plan);
        let DialPlan { address: url, dialer, .. } = plan;
        let dialer = match dialer {
            Some(dialer) => dialer,
            None => self.resolve(&url, |transport, place| transport.dialer(place))?,
        };
        if !socket.is_open() {
            return Err(Error::Closed);
        }
        let key = self.inner.next_id();
        let address: Arc<str> = url.into();
        let source =
            SourceEndpoint::new(EndpointId::Dialer(key), LocalEndpoint::Dialer(Arc::clone(&address)));
        let handle = Dialer { address, end: end(socket, source), status: Arc::default() };
        let source = Arc::clone(&handle.end.source);
        let status = Arc::clone(&handle.status);
        let dialer = dialer.into();
        let new = NewDialer { key, dialer, options, source, socket: Arc::clone(socket) as _, status };
        socket.worker.tell(Command::Dial(new));
        Ok(handle)
    }
}

impl Context {
    /// What `make` makes of an address, with the transport of its scheme.
    fn resolve<T>(
        &self,
        url: &str,
        make: impl FnOnce(&dyn Transport, &str) -> Result<T, AddressError>,
    ) -> Result<T, Error> {
        hubless_transport::resolve(&self.inner.transports, SWITCHED_OFF, url, make)
            .map_err(|error| Error::address(url, &error))
    }
}

/// What the handle of a new dialer or listener has of its socket.
fn end(socket: &Arc<AnySocket>, source: SourceEndpoint) -> End {
    let managed: Arc<dyn ManagedSocket> = Arc::clone(socket) as _;
    End { source: Arc::new(source), worker: Arc::clone(&socket.worker), socket: Arc::downgrade(&managed) }
}
