//! The invariants of `wait_queue` as far as they are seen in its state, whenever the lock is released. The models look at them. I2 is how
//! I1 is kept when somebody gives up.
#![allow(dead_code, reason = "the models are another crate, which compiles this file, too")]

use super::WaitQueue;

impl<D, W: Copy + Ord> WaitQueue<D, W> {
    /// I1. The caller of a step may have signalled a future, of which nothing is left here; so it says whether there are any.
    pub(crate) fn keeps_i1(&self, is_met: impl Fn(W) -> bool, futures: bool) -> bool {
        let free = self.seat.is_some();
        if free && !self.waiters.is_empty() && self.signalled == 0 {
            return false;
        }
        futures || self.waiters.values().all(|waiter| !is_met(waiter.want) || self.is_seen_to(waiter.want))
    }

    /// Somebody who wants this was signalled and has not yet run, or drives and is awake.
    fn is_seen_to(&self, want: W) -> bool {
        let drives = |driving: &super::Driving<W>| driving.wants == Some(want) && driving.alarm.is_none();
        self.driving.as_ref().is_some_and(drives)
            || self.waiters.values().any(|waiter| waiter.want == want && waiter.signalled)
    }

    /// I3.
    pub(crate) fn keeps_i3(&self) -> bool {
        let served =
            if self.has_observers() { self.in_background } else { self.in_background || self.handed_off };
        self.seat.is_none() || !self.waiters.is_empty() || served
    }
}
