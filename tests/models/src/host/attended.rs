//! What the background thread does with it: it follows `attended` of the engine.

use shuttle::sync::Arc;

use super::{Driver, Fault, Socket};
use crate::background::Command;
use crate::kernel::Bell;
use crate::wait::blocking::Host;
use crate::wait::turns::Tick;

/// Rounds of the background thread before it turns to something else.
const ROUNDS: usize = 1;

impl Socket {
    /// As `Attended::serve`.
    pub(crate) fn serve(&self) -> bool {
        let mut core = self.core.lock();
        if !self.is(Fault::ComesInSecret) {
            core.turns.comes();
        }
        let watched = core.turns.is_watched();
        let driver = if watched { core.turns.serve() } else { None };
        drop(core);
        driver.is_some_and(|driver| self.attend(driver, true))
    }

    /// As `Attended::tick`.
    pub(crate) fn tick(&self) -> bool {
        let mut core = self.core.lock();
        let tick = core.turns.tick();
        let look = tick == Tick::Watch || (tick == Tick::Keep && core.notes.any());
        let driver = if look { core.turns.serve() } else { None };
        self.release(core);
        let Some(driver) = driver else { return tick != Tick::Forget };
        let more = self.attend(driver, tick == Tick::Watch);
        if more && tick == Tick::Watch && !self.is(Fault::LeftoversAreForgotten) {
            self.desk.tell(Command::Serve);
        }
        tick == Tick::Keep
    }

    /// As `Attended::nap`.
    pub(crate) fn nap(&self) -> bool {
        let mut core = self.core.lock();
        core.plan_tails();
        let goes_on = core.pace.nap();
        self.release(core);
        goes_on
    }

    fn attend(&self, mut driver: Driver, watch: bool) -> bool {
        if watch && !driver.registered && !self.is(Fault::TakenOverUnwatched) {
            driver.registered = true;
            self.kernel.watch(Some(Arc::clone(&self.desk) as Arc<dyn Bell>));
        }
        let quiet = (0..ROUNDS).any(|_| !self.round(&mut driver));
        let mut core = self.core.lock();
        let more = !quiet || core.notes.any();
        core.empty(&mut driver);
        if watch {
            core.turns.leave_watched(driver);
        } else {
            core.turns.leave(driver);
        }
        self.release(core);
        more && !self.is(Fault::LeftoversAreForgotten)
    }
}
