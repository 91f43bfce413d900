//! A dialer or listener, as errors name it.

use std::sync::{Arc, Weak};

use super::endpoint::{Dialer, DialerState, DialerStatus, Listener, ListenerStatus};
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::sync::Mutex;

/// A dialer or listener whose address and last error are told with the error of a call that waited for its peers.
#[derive(Debug, Clone)]
pub(crate) struct NamedEndpoint {
    source: Weak<SourceEndpoint>,
    address: Arc<str>,
    status: Status,
}

#[derive(Debug, Clone)]
enum Status {
    Dialer(Arc<Mutex<DialerStatus>>),
    Listener(Arc<Mutex<ListenerStatus>>),
}

impl NamedEndpoint {
    pub(crate) fn of_dialer(dialer: &Dialer) -> Self {
        let status = Status::Dialer(Arc::clone(&dialer.status));
        Self { source: Arc::downgrade(&dialer.end.source), address: Arc::clone(&dialer.address), status }
    }

    pub(crate) fn of_listener(listener: &Listener) -> Self {
        let status = Status::Listener(Arc::clone(&listener.status));
        Self { source: Arc::downgrade(&listener.end.source), address: Arc::clone(&listener.address), status }
    }

    /// Whether it still is one of the socket's.
    pub(crate) fn is_there(&self) -> bool {
        self.source.strong_count() > 0
    }

    pub(crate) fn address(&self) -> Arc<str> {
        Arc::clone(&self.address)
    }

    /// Why it has no peer, or the last one did not get in, as far as is known.
    pub(crate) fn last_error(&self) -> Option<String> {
        match &self.status {
            Status::Dialer(status) => {
                let status = status.lock();
                status.last_error.clone().filter(|_| status.state != DialerState::Connected)
            }
            Status::Listener(status) => status.lock().last_error.clone(),
        }
    }
}
