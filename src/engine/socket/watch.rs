//! Watching a socket from outside, for as long as somebody likes.

use std::fmt;
use std::sync::Arc;

use hubless_protocol::patterns::{Inbox, Pattern};

use super::core::{Core, Phase, Want};
use super::shared::Socket;
use super::wait::blocking::Host;
use super::wait::lamp::{Lamp, Show};
use super::wait::turns::Ticket;

/// A socket that can be watched, whatever its pattern.
pub(crate) trait Watched: Send + Sync + fmt::Debug {
    /// Has a lamp lit whenever `want` may be met, from now on. The background thread serves the socket meanwhile. Nothing in the
    /// child of a fork, where the lamp is lit for good.
    fn mount(&self, want: Want, lamp: Arc<Lamp>) -> Option<Ticket>;
    fn unmount(&self, lamp: Ticket);
    /// Whether `want` may be met now. If not, its lamps are put out.
    fn look(&self, want: Want, lamp: Ticket) -> bool;
}

/// A lamp at a socket; gone when dropped. It does not keep the socket open.
#[derive(Debug)]
pub(crate) struct Watch {
    socket: Arc<dyn Watched>,
    want: Want,
    lamp: Option<Ticket>,
}

impl Watch {
    /// Has `show` told whether `want` may be met.
    pub(crate) fn new(socket: Arc<dyn Watched>, want: Want, show: Box<dyn Show>) -> Self {
        let lamp = socket.mount(want, Arc::new(Lamp::new(show)));
        Self { socket, want, lamp }
    }

    /// Whether it may be met now.
    pub(crate) fn look(&self) -> bool {
        self.lamp.is_none_or(|lamp| self.socket.look(self.want, lamp))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(lamp) = self.lamp {
            self.socket.unmount(lamp);
        }
    }
}

impl<P: Pattern> Watched for Socket<P> {
    fn mount(&self, want: Want, lamp: Arc<Lamp>) -> Option<Ticket> {
        if self.mailbox.is_forked() {
            lamp.decide(true);
            lamp.settle();
            return None;
        }
        let mut core = self.lock();
        let met = want == Want::Room || is_met(&core, want);
        let ticket = core.state.turns.mount(want, lamp, met);
        self.release(core);
        Some(ticket)
    }

    fn unmount(&self, lamp: Ticket) {
        if self.mailbox.check().is_ok() {
            let mut core = self.lock();
            core.state.turns.unmount(lamp);
            self.release(core);
        }
    }

    fn look(&self, want: Want, lamp: Ticket) -> bool {
        if self.mailbox.check().is_err() {
            return true;
        }
        let mut core = self.lock();
        let met = is_met(&core, want) || (want == Want::Room && core.state.turns.is_lit(lamp));
        if !met {
            core.state.turns.missed(want);
            if Self::is_noted(&core) {
                core.state.turns.nudge();
            }
        }
        self.release(core);
        met
    }
}

/// Whether a call for `want` would succeed, or fail for good. Of room that is not known: only a pattern that is given a
/// message can tell.
fn is_met<P: Pattern>(core: &Core<P>, want: Want) -> bool {
    let inboxes = &core.state.inboxes;
    let message = match want {
        Want::Message(Inbox::Socket) => !inboxes.socket.is_empty(),
        Want::Message(Inbox::Keyed(key)) => inboxes.answers(key),
        Want::Room | Want::Peers => false,
    };
    message || core.state.phase != Phase::Open
}

#[cfg(test)]
mod tests {
    use super::super::wait::turns::Turns;
    use super::*;

    #[derive(Debug)]
    struct Unseen;

    impl Show for Unseen {
        fn show(&self, _: bool) {}
    }

    #[test]
    fn a_background_thread_that_does_not_come_is_asked_once_however_often_nothing_is_found() {
        let mut turns: Turns<(), u8> = Turns::new(());
        turns.mount(0, Arc::new(Lamp::new(Box::new(Unseen))), false);
        for _ in 0..3 {
            let asked: Vec<bool> = (0..4)
                .map(|_| {
                    turns.nudge();
                    turns.take_calls().is_some_and(|calls| calls.serve)
                })
                .collect();
            assert_eq!(asked, [true, false, false, false]);
            turns.comes();
        }
    }
}
