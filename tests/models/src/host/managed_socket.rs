//! What the background thread does with it: it follows `managed` of the engine.

use shuttle::sync::Arc;

use super::{Driver, Fault, Socket};
use crate::background::Command;
use crate::kernel::Bell;
use crate::wait::block_on::Waitable;
use crate::wait::wait_queue::Handoff;

/// Rounds of the background thread before it turns to something else.
const ROUNDS: usize = 1;

impl Socket {
    /// As `ManagedSocket::serve`.
    pub(crate) fn serve(&self) -> bool {
        let mut core = self.core.lock();
        if !self.is(Fault::ComesInSecret) {
            core.wait_queue.background_came();
        }
        let watched = core.wait_queue.is_for_background();
        let driver = if watched { core.wait_queue.try_drive_in_background() } else { None };
        drop(core);
        driver.is_some_and(|driver| self.attend(driver, true))
    }

    /// As `ManagedSocket::poll_handoff`.
    pub(crate) fn poll_handoff(&self) -> bool {
        let mut core = self.core.lock();
        let handoff = core.wait_queue.poll_handoff();
        let look = handoff == Handoff::TakeOver || (handoff == Handoff::Keep && core.pending_readiness.any());
        let driver = if look { core.wait_queue.try_drive_in_background() } else { None };
        self.release(core);
        let Some(driver) = driver else { return handoff != Handoff::Forget };
        let more = self.attend(driver, handoff == Handoff::TakeOver);
        if more && handoff == Handoff::TakeOver && !self.is(Fault::LeftoversAreForgotten) {
            self.background.tell(Command::Serve);
        }
        handoff == Handoff::Keep
    }

    /// As `ManagedSocket::flush_interval`.
    pub(crate) fn flush_interval(&self) -> bool {
        let mut core = self.core.lock();
        core.plan_all_flushes();
        let goes_on = core.streaming.end_interval();
        self.release(core);
        goes_on
    }

    fn attend(&self, mut driver: Driver, watch: bool) -> bool {
        if watch && !driver.registered && !self.is(Fault::TakenOverUnwatched) {
            driver.registered = true;
            self.kernel.watch(Some(Arc::clone(&self.background) as Arc<dyn Bell>));
        }
        let quiet = (0..ROUNDS).any(|_| !self.round(&mut driver));
        let mut core = self.core.lock();
        let more = !quiet || core.pending_readiness.any();
        core.empty(&mut driver);
        if watch {
            core.wait_queue.release_driver_to_background(driver);
        } else {
            core.wait_queue.release_driver(driver);
        }
        self.release(core);
        more && !self.is(Fault::LeftoversAreForgotten)
    }
}
