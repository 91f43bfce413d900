//! The end of the pipe with its socket: it follows `closing` and `lifecycle` of the engine.

use super::{Fault, Socket};
use crate::wait::block_on::Waitable;

impl Socket {
    /// Closes, as `begin_close`, and ends the close at once, as `end_close` and `remove`. How many messages had not left.
    pub(crate) fn close_and_drop(&self) -> usize {
        let mut core = self.core.lock();
        core.closed = true;
        core.wait_queue.wake_all();
        let unreceived = core.inbox.drain(..).count();
        if !self.is(Fault::UnreceivedInSecret) {
            core.unreceived += unreceived;
        }
        core.paused = false;
        self.release(core);

        let mut core = self.core.lock();
        let queued = core.queued;
        let pending = std::mem::take(&mut core.pending).len();
        self.release(core);
        let mut side = self.write.lock();
        side.removed = true;
        let in_flight = std::mem::take(&mut side.in_flight).len();
        drop(side);
        let mut core = self.core.lock();
        core.over = true;
        if let Some(mut driver) = core.wait_queue.try_drive_in_background() {
            core.empty(&mut driver);
            core.wait_queue.release_driver_to_background(driver);
        }
        self.release(core);
        if self.is(Fault::CountedWhileWritten) { queued } else { pending + in_flight }
    }

    /// Whether the driver, which is back, still has the pipe.
    pub(crate) fn keeps_its_pipe(&self) -> bool {
        self.core.lock().wait_queue.try_drive_in_background().expect("nobody drives").readable
    }

    /// Messages that came and that nobody got, when all calls are over.
    pub(crate) fn unreceived(&self) -> usize {
        self.core.lock().unreceived
    }
}
