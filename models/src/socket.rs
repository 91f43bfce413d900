//! The little that the engine's files take from its socket.

/// As the engine's.
pub(crate) type SocketId = usize;
