//! What its peer does, and what is seen of that.

use super::{Fault, Socket, Want};
use crate::kernel::Edges;
use crate::wait::block_on::Waitable;

impl Socket {
    /// A peer comes.
    pub(crate) fn admit(&self) {
        let mut core = self.core.lock();
        core.peers += 1;
        core.pending_readiness.readable = true;
        core.wait_queue.wake_driver();
        if self.is(Fault::OneJudgesForAll) {
            core.wait_queue.notify_one(Want::Peers);
        } else {
            core.wait_queue.notify_all(Want::Peers);
        }
        self.release(core);
    }

    /// The peer sends a message.
    pub(crate) fn peer_sends(&self, message: u32) {
        if self.kernel.arrive(message) {
            self.notify(Edges { readable: true, writable: false });
        }
    }

    /// The peer takes `room` messages.
    pub(crate) fn peer_takes(&self, room: usize) {
        if self.kernel.make_room(room) {
            self.notify(Edges { readable: false, writable: true });
        }
    }

    fn notify(&self, edges: Edges) {
        let mut core = self.core.lock();
        core.pending_readiness.readable |= edges.readable;
        core.pending_readiness.writable |= edges.writable;
        if !self.is(Fault::NotedInSecret) {
            core.wait_queue.wake_driver();
        }
        self.release(core);
    }

    /// Waits until `count` messages have come into the inbox.
    pub(crate) fn wait_for_delivery(&self, count: usize) {
        self.delivered.wait_until(&self.arrived, |delivered| *delivered >= count);
    }

    /// Begins a stream, as the sends of a burst would.
    pub(crate) fn begin_stream(&self) {
        let mut core = self.core.lock();
        core.streaming.send(|| true);
        core.begin_stream = true;
        self.release(core);
    }

    /// Nothing is to be done any more for what was sent.
    pub(crate) fn assert_emptied(&self) {
        let side = self.write.lock();
        let core = self.core.lock();
        assert!(core.pending.is_empty() && side.in_flight.is_empty(), "something was left behind");
        assert_eq!(core.queued, 0);
    }
}
