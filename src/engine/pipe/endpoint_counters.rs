//! Where connections come from: one dialer or listener, and what it has counted.

use super::sys::ids::EndpointId;
use super::sys::sync::{Mutex, MutexGuard};
use crate::monitor::LocalEndpoint;
use crate::stats::Refused;
use crate::traffic::Traffic;

/// A dialer or listener, as its handle, the background thread and its pipes know it.
#[derive(Debug)]
pub(crate) struct SourceEndpoint {
    pub(crate) id: EndpointId,
    pub(crate) via: LocalEndpoint,
    /// A leaf: taken under the socket's lock too.
    counters: Mutex<EndpointCounters>,
}

/// What a dialer or listener has counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EndpointCounters {
    /// Pipes that came into being.
    pub(crate) connected: u64,
    /// Connections that did not become one.
    pub(crate) refused: Refused,
    /// What went through those that are gone.
    pub(crate) past: Traffic,
}

impl SourceEndpoint {
    pub(crate) fn new(id: EndpointId, via: LocalEndpoint) -> Self {
        Self { id, via, counters: Mutex::default() }
    }

    pub(crate) fn counters(&self) -> MutexGuard<'_, EndpointCounters> {
        self.counters.lock()
    }
}
