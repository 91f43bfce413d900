//! Watching a socket from outside, for as long as somebody likes.

use std::fmt;
use std::sync::Arc;

use super::blocking::Host;
use super::core::{Core, Phase, Want};
use super::lamp::{Lamp, Show};
use super::socket::Socket;
use super::turns::Ticket;
use crate::patterns::{Inbox, Pattern};

/// A socket that can be watched, whatever its pattern.
pub(crate) trait Watched: Send + Sync + fmt::Debug {
    /// Has a lamp lit whenever `want` may be met, from now on. The background thread serves the socket meanwhile.
    fn mount(&self, want: Want, lamp: Arc<Lamp>) -> Ticket;
    fn unmount(&self, lamp: Ticket);
}

/// A lamp at a socket; gone when dropped. It does not keep the socket open.
#[derive(Debug)]
pub(crate) struct Watch {
    socket: Arc<dyn Watched>,
    lamp: Ticket,
}

impl Watch {
    /// Has `show` told whether `want` may be met.
    pub(crate) fn new(socket: Arc<dyn Watched>, want: Want, show: Box<dyn Show>) -> Self {
        let lamp = socket.mount(want, Arc::new(Lamp::new(show)));
        Self { socket, lamp }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.socket.unmount(self.lamp);
    }
}

impl<P: Pattern> Watched for Socket<P> {
    fn mount(&self, want: Want, lamp: Arc<Lamp>) -> Ticket {
        let mut core = self.lock();
        let met = want == Want::Room || is_met(&core, want);
        let ticket = core.state.turns.mount(want, lamp, met);
        self.release(core);
        ticket
    }

    fn unmount(&self, lamp: Ticket) {
        // In the child of a fork the lock may be held by a thread that is not there.
        if self.mailbox.check().is_ok() {
            let mut core = self.lock();
            core.state.turns.unmount(lamp);
            self.release(core);
        }
    }
}

/// Whether a call for `want` would succeed, or fail for good. Of room that is not known: only a pattern that is given a
/// message can tell.
fn is_met<P: Pattern>(core: &Core<P>, want: Want) -> bool {
    let message = want == Want::Message(Inbox::Socket) && !core.state.inboxes.socket.is_empty();
    message || core.state.phase != Phase::Open
}
