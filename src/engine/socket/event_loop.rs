//! The event loop of a socket, and how a pipe without a descriptor tells its socket that it is ready.

use std::fmt;
use std::io;
use std::sync::{Arc, Weak};

use hubless_protocol::patterns::PipeId;
use hubless_transport::{Notify, Readiness, RegistrySource};
use mio::{Poll, Registry};

use super::driver::WAKER;
use super::shared::AnySocket;
use super::sys::event_loop_waker::EventLoopWaker;
use super::wait::block_on::Waitable;

/// The event loop of the socket, made when the first descriptor asks for it. Only the background thread asks, so it is
/// made once.
impl RegistrySource for AnySocket {
    fn registry(&self) -> io::Result<&Registry> {
        if let Some(waker) = self.system.get() {
            return Ok(waker.registry());
        }
        let poll = Poll::new()?;
        let waker = Arc::new(EventLoopWaker::new(&poll, WAKER)?);
        let waker = self.system.get_or_init(|| waker);
        let mut core = self.lock();
        core.state.pending_readiness.poll = Some(poll);
        core.state.wait_queue.wake_driver();
        self.release(core);
        Ok(waker.registry())
    }
}

impl AnySocket {
    /// What the connection of a new pipe tells that it is ready.
    pub(super) fn pipe_notifier(&self, pipe: PipeId) -> Arc<dyn Notify> {
        Arc::new(PipeNotifier::new(Weak::clone(&self.me), pipe))
    }

    /// A connection without a descriptor is ready.
    pub(super) fn pipe_is_ready(&self, pipe: PipeId, readiness: Readiness) {
        let mut core = self.lock();
        match readiness {
            Readiness::Readable => core.state.note_readable(pipe),
            _ => core.state.note_writable(pipe),
        }
        core.state.wait_queue.wake_driver();
        self.release(core);
    }

    /// The registry of the socket's event loop, if it has one.
    pub(super) fn existing_registry(&self) -> Option<&Registry> {
        self.system.get().map(|waker| waker.registry())
    }
}

/// A socket owns its pipes, so what a pipe's connection holds knows the socket without owning it: otherwise the two would keep
/// each other, and what lies in the connection, for ever. It knows its pipe by the id, so a notice that comes late finds nothing.
pub(super) struct PipeNotifier {
    socket: Weak<AnySocket>,
    pipe: PipeId,
}

impl PipeNotifier {
    pub(super) fn new(socket: Weak<AnySocket>, pipe: PipeId) -> Self {
        Self { socket, pipe }
    }
}

impl Notify for PipeNotifier {
    fn notify(&self, _: usize, readiness: Readiness) {
        if let Some(socket) = self.socket.upgrade() {
            socket.pipe_is_ready(self.pipe, readiness);
        }
    }
}

impl fmt::Debug for PipeNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeNotifier").field("pipe", &self.pipe).finish_non_exhaustive()
    }
}
