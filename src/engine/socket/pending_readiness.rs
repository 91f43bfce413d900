//! Readiness that was noted under the socket's lock for the driver's next round.

use std::sync::Arc;

use hubless_protocol::patterns::PipeId;

use super::core::State;
use super::pipe::connection::Pipe;
use super::pipe::pipe_queue::PipeQueue;

/// For the driver's next round.
#[derive(Debug, Default)]
pub(super) struct PendingReadiness {
    pub(super) readable: Vec<PipeId>,
    pub(super) writable: Vec<PipeId>,
    /// The socket's event loop, made with its first descriptor.
    pub(super) poll: Option<mio::Poll>,
}

impl PendingReadiness {
    pub(super) fn is_empty(&self) -> bool {
        self.readable.is_empty() && self.writable.is_empty() && self.poll.is_none()
    }
}

impl State {
    /// The driver's next round is to read this pipe.
    pub(super) fn note_readable(&mut self, id: PipeId) {
        if let Some(entry) = self.table.get_mut(id)
            && !std::mem::replace(&mut entry.noted.readable, true)
        {
            self.pending_readiness.readable.push(id);
        }
    }

    /// The driver's next round is to go on writing to this pipe.
    pub(super) fn note_writable(&mut self, id: PipeId) {
        if let Some(entry) = self.table.get_mut(id)
            && !std::mem::replace(&mut entry.noted.writable, true)
        {
            self.pending_readiness.writable.push(id);
        }
    }

    /// The driver takes what is pending: the pipes to read, the pipes to write to. Whether there were any.
    pub(super) fn take_pending_readiness(
        &mut self,
        readable: &mut PipeQueue<Arc<Pipe>>,
        writable: &mut PipeQueue<Arc<Pipe>>,
    ) -> bool {
        let any = !self.pending_readiness.is_empty();
        for id in self.pending_readiness.readable.drain(..) {
            if let Some(entry) = self.table.get_mut(id) {
                entry.noted.readable = false;
                readable.push(Arc::clone(&entry.pipe));
            }
        }
        for id in self.pending_readiness.writable.drain(..) {
            if let Some(entry) = self.table.get_mut(id) {
                entry.noted.writable = false;
                writable.push(Arc::clone(&entry.pipe));
            }
        }
        any
    }
}
