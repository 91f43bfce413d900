//! What can be set on a socket. The typed builders of the sockets fill this in and check it.

use std::time::Duration;

use hubless_transport::{Admission, DialPlan, ListenPlan};

use super::pipe::send_queue::QueueSize;

/// The settings every socket has; design decisions stand with the defaults.
#[derive(Debug, Clone)]
pub(crate) struct SocketOptions {
    /// Bound of what waits to leave through one pipe.
    pub(crate) send_buffer: QueueSize,
    /// Bound of what one pipe has delivered and nobody has received.
    pub(crate) recv_buffer: QueueSize,
    pub(crate) max_message: u64,
    /// Pipes that may come through one listener.
    pub(crate) max_connections: usize,
    pub(crate) handshake: Duration,
    pub(crate) reconnect_first: Duration,
    pub(crate) reconnect_most: Duration,
    pub(crate) linger: Duration,
    pub(crate) send_timeout: Option<Duration>,
    pub(crate) recv_timeout: Option<Duration>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        let buffer = QueueSize { messages: 1000, octets: 8 << 20 };
        Self {
            send_buffer: buffer,
            recv_buffer: buffer,
            max_message: 16 << 20,
            max_connections: 4096,
            handshake: Duration::from_secs(5),
            reconnect_first: Duration::from_millis(100),
            reconnect_most: Duration::from_secs(10),
            linger: Duration::from_secs(1),
            send_timeout: None,
            recv_timeout: None,
        }
    }
}

/// The settings of one dialer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DialerOptions {
    pub(crate) max_message: u64,
    pub(crate) handshake: Duration,
    pub(crate) reconnect_first: Duration,
    pub(crate) reconnect_most: Duration,
}

/// The settings of one listener.
#[derive(Debug, Clone)]
pub(crate) struct ListenerOptions {
    pub(crate) max_message: u64,
    pub(crate) handshake: Duration,
    pub(crate) max_connections: usize,
    /// Pipes from one network address; without it there is a limit for other machines only.
    pub(crate) max_connections_per_address: Option<usize>,
    pub(crate) admission: Option<Admission>,
}

impl SocketOptions {
    /// What holds for a dialer: what was set for it, and else what was set for the socket.
    pub(crate) fn of_dialer(&self, plan: &DialPlan) -> DialerOptions {
        let (reconnect_first, reconnect_most) =
            plan.reconnect.unwrap_or((self.reconnect_first, self.reconnect_most));
        let handshake = plan.handshake.unwrap_or(self.handshake);
        DialerOptions { max_message: self.max_message, handshake, reconnect_first, reconnect_most }
    }

    /// The same for a listener.
    pub(crate) fn of_listener(&self, plan: &ListenPlan) -> ListenerOptions {
        ListenerOptions {
            max_message: self.max_message,
            handshake: plan.handshake.unwrap_or(self.handshake),
            max_connections: plan.max_connections.unwrap_or(self.max_connections),
            max_connections_per_address: plan.max_connections_per_address,
            admission: plan.admission.clone(),
        }
    }
}
