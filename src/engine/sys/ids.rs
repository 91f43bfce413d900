//! How sockets, dialers and listeners are named to their background thread.

/// Names a socket to its background thread.
pub(crate) type SocketId = usize;

/// Names a dialer or listener to its background thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum EndpointId {
    Dialer(usize),
    Listener(usize),
}
