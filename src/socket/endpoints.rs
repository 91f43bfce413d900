//! The dialers and listeners of a socket.

use std::sync::{Arc, Weak};

use hubless_transport::{DialPlan, EndpointError, ListenPlan};

use crate::engine::{AnySocket, Context, Dialer, Listener, Mutex, SourceEndpoint};
use crate::error::{Error, WaitingFor};

/// Makes the dialers and listeners of a socket, and names them in errors.
pub(super) struct Endpoints {
    context: Context,
    /// Those that may still be there.
    made: Mutex<Vec<Weak<SourceEndpoint>>>,
}

impl Endpoints {
    pub(super) fn of(context: Context) -> Self {
        Self { context, made: Mutex::default() }
    }

    pub(super) fn listen(
        &self,
        socket: &Arc<AnySocket>,
        plan: Result<ListenPlan, EndpointError>,
    ) -> Result<Listener, Error> {
        let listener = self.context.listen(socket, plan)?;
        self.remember(&listener.end.source);
        Ok(listener)
    }

    pub(super) fn dial(
        &self,
        socket: &Arc<AnySocket>,
        plan: Result<DialPlan, EndpointError>,
    ) -> Result<Dialer, Error> {
        let dialer = self.context.dial(socket, plan)?;
        self.remember(&dialer.end.source);
        Ok(dialer)
    }

    fn remember(&self, source: &Arc<SourceEndpoint>) {
        let mut made = self.made.lock();
        if made.len() == made.capacity() {
            made.retain(|endpoint| endpoint.strong_count() > 0);
        }
        made.push(Arc::downgrade(source));
    }

    /// Says whose peers were waited for. Who sends without a peer waits for one and not for room.
    #[cold]
    pub(super) fn explain(&self, socket: &AnySocket, error: Error) -> Error {
        let Error::Timeout { waited, waiting_for } = error else { return error };
        let waiting_for = match waiting_for {
            WaitingFor::Room if socket.stats().pipes == 0 => {
                WaitingFor::Peers { present: 0, wanted: 1, addresses: self.addresses() }
            }
            WaitingFor::Peers { present, wanted, .. } => {
                WaitingFor::Peers { present, wanted, addresses: self.addresses() }
            }
            other => other,
        };
        Error::Timeout { waited, waiting_for }
    }

    fn addresses(&self) -> Vec<Arc<str>> {
        let made = self.made.lock();
        made.iter().filter_map(Weak::upgrade).map(|source| source.via.shared_address()).collect()
    }
}
