//! The settings of one dialer or listener. Those of sockets are in `socket::options`.

use std::time::Duration;

use hubless_protocol::Wire;
use hubless_transport::Admission;

use super::sys::contained::Contained;

/// The settings of one dialer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DialerOptions {
    /// What it speaks.
    pub(crate) wire: Wire,
    pub(crate) max_message: u64,
    pub(crate) handshake: Duration,
    pub(crate) reconnect_first: Duration,
    pub(crate) reconnect_most: Duration,
}

/// The settings of one listener.
#[derive(Debug, Clone)]
pub(crate) struct ListenerOptions {
    /// What it speaks.
    pub(crate) wire: Wire,
    pub(crate) max_message: u64,
    pub(crate) handshake: Duration,
    pub(crate) max_connections: usize,
    /// Pipes from one network address; without it there is a limit for other machines only.
    pub(crate) max_connections_per_address: Option<usize>,
    pub(crate) admission: Option<Contained<Admission>>,
}
