//! What stands between a handshake and a pipe: a connection that is handed to its socket.

use std::collections::VecDeque;
use std::sync::Arc;

use hubless_protocol::patterns::Refusal;
use hubless_protocol::wire::handshake::Session;
use hubless_transport::{Connection, Packet, Peer};

use super::admission::Admitted;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::contained::Contained;
use super::sys::fd_limit::InUse;

/// A connection past its handshake, about to become a pipe.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) connection: Contained<Connection>,
    pub(crate) in_use: InUse,
    pub(crate) peer: Peer,
    /// What the two ends have agreed on.
    pub(crate) session: Session,
    pub(crate) source: Arc<SourceEndpoint>,
    pub(crate) admitted: Admitted,
    /// Bytes that came behind the peer's greeting.
    pub(crate) surplus: Vec<u8>,
    /// Messages that came before.
    pub(crate) early: VecDeque<Packet>,
    /// The number the pipe has on the wire.
    pub(crate) number: u32,
}

/// Why a newcomer did not become a pipe.
#[derive(Debug)]
pub(crate) enum Unwelcome {
    Refused(Refusal),
    SocketClosed,
    /// Its transport panicked.
    Panicked,
}
