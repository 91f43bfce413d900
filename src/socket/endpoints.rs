//! The dialers and listeners of a socket.

use std::sync::Arc;

use hubless_transport::{DialPlan, EndpointError, ListenPlan};

use crate::engine::{AnySocket, Context, Dialer, Listener, Mutex, NamedEndpoint};
use crate::error::{Error, WaitingFor};

/// Makes the dialers and listeners of a socket, and names them in errors.
pub(super) struct Endpoints {
    context: Context,
    /// Those that may still be there.
    made: Mutex<Vec<NamedEndpoint>>,
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
        self.remember(NamedEndpoint::of_listener(&listener));
        Ok(listener)
    }

    pub(super) fn dial(
        &self,
        socket: &Arc<AnySocket>,
        plan: Result<DialPlan, EndpointError>,
    ) -> Result<Dialer, Error> {
        let dialer = self.context.dial(socket, plan)?;
        self.remember(NamedEndpoint::of_dialer(&dialer));
        Ok(dialer)
    }

    fn remember(&self, endpoint: NamedEndpoint) {
        let mut made = self.made.lock();
        if made.len() == made.capacity() {
            made.retain(NamedEndpoint::is_there);
        }
        made.push(endpoint);
    }

    /// Says whose peers were waited for. A call that sends or receives without a peer waits for one, not for room or a message.
    #[cold]
    pub(super) fn explain(&self, socket: &AnySocket, error: Error) -> Error {
        let Error::Timeout { waited, waiting_for } = error else { return error };
        let waiting_for = match waiting_for {
            WaitingFor::Room | WaitingFor::Message if socket.stats().pipes == 0 => self.missing_peers(0, 1),
            WaitingFor::Peers { present, wanted, .. } => self.missing_peers(present, wanted),
            other => other,
        };
        Error::Timeout { waited, waiting_for }
    }

    fn missing_peers(&self, present: usize, wanted: usize) -> WaitingFor {
        let mut endpoints = self.made.lock().clone();
        endpoints.retain(NamedEndpoint::is_there);
        let addresses = endpoints.iter().map(NamedEndpoint::address).collect();
        let last_error = endpoints.iter().find_map(|endpoint| {
            let error = endpoint.last_error()?;
            Some(if endpoints.len() > 1 { format!("{}: {error}", endpoint.address()) } else { error })
        });
        WaitingFor::Peers { present, wanted, addresses, last_error }
    }
}
