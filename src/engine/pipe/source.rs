//! Where connections come from: one dialer or listener, and what it has counted.

use super::sys::ids::EndpointId;
use super::sys::sync::{Mutex, MutexGuard};
use crate::monitor::LocalEndpoint;
use crate::stats::Refused;
use crate::traffic::Traffic;

/// A dialer or listener, as its handle, the background thread and its pipes know it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) id: EndpointId,
    pub(crate) via: LocalEndpoint,
    /// A leaf: taken under the socket's lock too.
    ledger: Mutex<Ledger>,
}

/// What a dialer or listener has counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ledger {
    /// Pipes that came into being.
    pub(crate) connected: u64,
    /// Connections that did not become one.
    pub(crate) refused: Refused,
    /// What went through those that are gone.
    pub(crate) past: Traffic,
}

impl Source {
    pub(crate) fn new(id: EndpointId, via: LocalEndpoint) -> Self {
        Self { id, via, ledger: Mutex::default() }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock()
    }
}
