//! A socket whose driver has nothing to do but to wait, where a model is about who is told. Compiled for both model checkers.

use std::time::Duration;

use super::sys::sync::{Alarm, Flag, Mutex, MutexGuard, Parker};
use super::wait::block_on::Waitable;
use super::wait::deferred_wakeups::DeferredWakeups;
use super::wait::wait_queue::WaitQueue;

pub(crate) trait Bare {
    type Core;
    type Want: Copy + Ord;
    /// Whether the driver looks at its flag for a moment before it sleeps.
    const SPINS: bool = false;

    fn core(&self) -> &Mutex<Self::Core>;

    fn wait_queue(core: &mut Self::Core) -> &mut WaitQueue<(), Self::Want>;

    /// Whether the flag was seen.
    fn spin(&self, _flag: &Flag) -> bool {
        false
    }
}

impl<T: Bare> Waitable for T {
    type Core = T::Core;
    type Driver = ();
    type Want = T::Want;

    fn lock(&self) -> MutexGuard<'_, T::Core> {
        self.core().lock()
    }

    fn wait_queue(core: &mut T::Core) -> &mut WaitQueue<(), T::Want> {
        T::wait_queue(core)
    }

    fn release(&self, mut core: MutexGuard<'_, T::Core>) {
        let wakeups = T::wait_queue(&mut core).take_wakeups();
        drop(core);
        wakeups.into_iter().for_each(DeferredWakeups::wake);
    }

    fn seated(&self, (): &mut ()) {}

    fn round(&self, (): &mut ()) -> bool {
        T::wait_queue(&mut self.lock()).awake();
        false
    }

    fn has_work(_: &T::Core, (): &()) -> bool {
        false
    }

    fn is_noted(_: &T::Core) -> bool {
        false
    }

    fn may_spin(&self, (): &mut ()) -> bool {
        T::SPINS
    }

    fn spin(&self, (): &mut (), flag: &Flag) -> bool {
        Bare::spin(self, flag)
    }

    fn alarm(&self, (): &()) -> Alarm {
        Alarm::Parked(Parker::current())
    }

    fn sleep(&self, (): &mut (), limit: Option<Duration>) {
        Parker::current().park(limit);
    }
}
