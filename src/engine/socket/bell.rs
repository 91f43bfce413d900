//! How a pipe without a descriptor tells its socket that it is ready.

use std::fmt;
use std::sync::Weak;

use hubless_protocol::patterns::{Pattern, PipeId};
use hubless_transport::{Notify, Readiness};

use super::shared::Socket;

/// A socket owns its pipes, so what a pipe's connection holds knows the socket without owning it: otherwise the two would keep
/// each other, and what lies in the connection, for ever. It knows its pipe by the id, so one that rings late finds nothing.
pub(super) struct Bell<P: Pattern> {
    socket: Weak<Socket<P>>,
    pipe: PipeId,
}

impl<P: Pattern> Bell<P> {
    pub(super) fn new(socket: Weak<Socket<P>>, pipe: PipeId) -> Self {
        Self { socket, pipe }
    }
}

impl<P: Pattern> Notify for Bell<P> {
    fn notify(&self, _: usize, readiness: Readiness) {
        if let Some(socket) = self.socket.upgrade() {
            socket.pipe_is_ready(self.pipe, readiness);
        }
    }
}

impl<P: Pattern> fmt::Debug for Bell<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bell").field("pipe", &self.pipe).finish_non_exhaustive()
    }
}
