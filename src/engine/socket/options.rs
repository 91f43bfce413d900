//! What can be set on a socket. The typed builders of the sockets fill this in and check it; what holds for its dialers and
//! listeners is derived from it.

use std::time::Duration;

use hubless_protocol::Wire;
use hubless_transport::{DialPlan, ListenPlan};

use super::connect::options::{DialerOptions, ListenerOptions};
use super::pipe::send_queue::QueueSize;
use super::sys::contained::Contained;

/// The settings every socket has; design decisions stand with the defaults.
#[derive(Debug, Clone)]
pub(crate) struct SocketOptions {
    /// What its endpoints speak.
    pub(crate) wire: Wire,
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
        let buffer = QueueSize { messages: 1000, bytes: 8 << 20 };
        Self {
            wire: Wire::Sp,
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

impl SocketOptions {
    /// What holds for a dialer: what was set for it, and else what was set for the socket.
    pub(crate) fn of_dialer(&self, plan: &DialPlan) -> DialerOptions {
        let (reconnect_first, reconnect_most) =
            plan.reconnect.unwrap_or((self.reconnect_first, self.reconnect_most));
        let handshake = plan.handshake.unwrap_or(self.handshake);
        DialerOptions {
            wire: self.wire,
            max_message: self.max_message,
            handshake,
            reconnect_first,
            reconnect_most,
        }
    }

    /// The same for a listener.
    pub(crate) fn of_listener(&self, plan: &ListenPlan) -> ListenerOptions {
        ListenerOptions {
            wire: self.wire,
            max_message: self.max_message,
            handshake: plan.handshake.unwrap_or(self.handshake),
            max_connections: plan.max_connections.unwrap_or(self.max_connections),
            max_connections_per_address: plan.max_connections_per_address,
            admission: plan.admission.clone().map(Contained::from),
        }
    }
}
