//! Observing a socket\'s readiness from outside a call: for `Ready` descriptors and pollers.

use std::fmt;
use std::sync::Arc;

use hubless_protocol::patterns::Inbox;

use super::core::{Core, Phase, Want};
use super::shared::AnySocket;
use super::wait::block_on::Waitable;
use super::wait::readiness::{ReadinessObserver, ReadinessSignal};
use super::wait::wait_queue::Ticket;

/// A socket whose readiness can be observed, whatever its pattern.
pub(crate) trait Observable: Send + Sync + fmt::Debug {
    /// From now on sets this signal whenever `want` may be met. The background thread serves the socket meanwhile. Nothing in the
    /// child of a fork, where the signal stays set.
    fn subscribe(&self, want: Want, signal: Arc<ReadinessSignal>) -> Option<Ticket>;
    fn unsubscribe(&self, signal: Ticket);
    /// Whether `want` may be met now. If not, the signals for it are cleared.
    fn is_ready(&self, want: Want, signal: Ticket) -> bool;
}

/// A subscription to a socket\'s readiness, which ends when dropped. It does not keep the socket open.
#[derive(Debug)]
pub(crate) struct ReadinessHandle {
    socket: Arc<dyn Observable>,
    want: Want,
    signal: Option<Ticket>,
}

impl ReadinessHandle {
    /// Has `observer` told whether `want` may be met.
    pub(crate) fn new(socket: Arc<dyn Observable>, want: Want, observer: Box<dyn ReadinessObserver>) -> Self {
        let signal = socket.subscribe(want, Arc::new(ReadinessSignal::new(observer)));
        Self { socket, want, signal }
    }

    /// Whether it may be met now.
    pub(crate) fn is_ready(&self) -> bool {
        self.signal.is_none_or(|signal| self.socket.is_ready(self.want, signal))
    }
}

impl Drop for ReadinessHandle {
    fn drop(&mut self) {
        if let Some(signal) = self.signal {
            self.socket.unsubscribe(signal);
        }
    }
}

impl Observable for AnySocket {
    fn subscribe(&self, want: Want, signal: Arc<ReadinessSignal>) -> Option<Ticket> {
        if self.worker.is_forked() {
            signal.change(true);
            signal.report();
            return None;
        }
        let mut core = self.lock();
        let met = want == Want::Room || is_met(&core, want);
        let ticket = core.state.wait_queue.subscribe(want, signal, met);
        self.release(core);
        Some(ticket)
    }

    fn unsubscribe(&self, signal: Ticket) {
        if self.worker.check().is_ok() {
            let mut core = self.lock();
            core.state.wait_queue.unsubscribe(signal);
            self.release(core);
        }
    }

    fn is_ready(&self, want: Want, signal: Ticket) -> bool {
        if self.worker.check().is_err() {
            return true;
        }
        let mut core = self.lock();
        let met = is_met(&core, want) || (want == Want::Room && core.state.wait_queue.is_set(signal));
        if !met {
            core.state.wait_queue.clear_ready(want);
            if Self::is_noted(&core) {
                core.state.wait_queue.wake_driver();
            }
        }
        self.release(core);
        met
    }
}

/// Whether a call for `want` would succeed, or fail for good. Of room that is not known: only a pattern that is given a
/// message can tell.
fn is_met(core: &Core, want: Want) -> bool {
    let inboxes = core.pattern.inboxes();
    let message = match want {
        Want::Message(Inbox::Socket) => inboxes.has_message(),
        Want::Message(Inbox::Keyed(key)) => inboxes.answers(key),
        Want::Room | Want::Peers => false,
    };
    message || core.state.phase != Phase::Open
}

#[cfg(test)]
mod tests {
    use super::super::wait::wait_queue::WaitQueue;
    use super::*;

    #[derive(Debug)]
    struct Unseen;

    impl ReadinessObserver for Unseen {
        fn changed(&self, _: bool) {}
    }

    #[test]
    fn a_background_thread_that_does_not_come_is_asked_once_however_often_nothing_is_found() {
        let mut queue: WaitQueue<(), u8> = WaitQueue::new(());
        queue.subscribe(0, Arc::new(ReadinessSignal::new(Box::new(Unseen))), false);
        for _ in 0..3 {
            let asked: Vec<bool> = (0..4)
                .map(|_| {
                    queue.wake_driver();
                    queue.take_wakeups().is_some_and(|wakeups| wakeups.serve)
                })
                .collect();
            assert_eq!(asked, [true, false, false, false]);
            queue.background_came();
        }
    }
}
