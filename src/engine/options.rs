//! What can be set on a socket. The typed builders of the sockets fill this in and check it.

use std::time::Duration;

use super::outbound::Amount;

/// The settings every socket has; design decisions stand with the defaults.
#[derive(Debug, Clone)]
pub(crate) struct SocketOptions {
    /// Bound of what waits to leave through one pipe.
    pub(crate) send_buffer: Amount,
    /// Bound of what one pipe has delivered and nobody has received.
    pub(crate) recv_buffer: Amount,
    pub(crate) max_message: u64,
    /// Pipes that may come through one listener.
    pub(crate) connections: usize,
    pub(crate) handshake: Duration,
    pub(crate) reconnect_first: Duration,
    pub(crate) reconnect_most: Duration,
    pub(crate) linger: Duration,
    pub(crate) send_timeout: Option<Duration>,
    pub(crate) recv_timeout: Option<Duration>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        let buffer = Amount { messages: 1000, octets: 8 << 20 };
        Self {
            send_buffer: buffer,
            recv_buffer: buffer,
            max_message: 16 << 20,
            connections: 4096,
            handshake: Duration::from_secs(5),
            reconnect_first: Duration::from_millis(100),
            reconnect_most: Duration::from_secs(10),
            linger: Duration::from_secs(1),
            send_timeout: None,
            recv_timeout: None,
        }
    }
}
