//! The one way to wait: try, then drive the socket if the seat is free, else sleep until signalled; again until done.

use std::time::Duration;

use super::sync::{Alarm, MutexGuard, Parker};
use super::turns::Turns;

/// What the blocking loop needs of a socket.
pub(crate) trait Host {
    /// What the socket's lock guards.
    type Core;
    /// Its driver.
    type Driver;
    /// What one can wait for.
    type Want: Copy + Eq;

    fn lock(&self) -> MutexGuard<'_, Self::Core>;
    fn turns(core: &mut Self::Core) -> &mut Turns<Self::Driver, Self::Want>;
    /// Unlocks and does what the step under the lock left to do: wakes, flushes, removals.
    fn release(&self, core: MutexGuard<'_, Self::Core>);

    /// The driver has passed to a caller.
    fn seated(&self, driver: &mut Self::Driver);
    /// One round of reading, parsing and flushing that does not block. Whether anything happened.
    fn round(&self, driver: &mut Self::Driver) -> bool;
    /// Whether something that only the driver sees to has come up under the lock since its last round.
    fn has_work(core: &Self::Core) -> bool;
    /// Waits a moment without giving up the processor and answers true, or answers that it is time to sleep.
    fn spin(&self, driver: &mut Self::Driver) -> bool;
    /// What wakes the driver out of the sleep that follows.
    fn alarm(&self, driver: &Self::Driver) -> Alarm;
    /// Sleeps until the system reports readiness, the alarm rings, or the limit is over.
    fn sleep(&self, driver: &mut Self::Driver, limit: Option<Duration>);
}

/// How long a call may wait.
pub(crate) trait Patience {
    /// What is left: `None` for ever, `Some(ZERO)` when it is over.
    fn left(&self) -> Option<Duration>;
}

/// Calls `attempt` under the lock until it gives something, or patience is over. With what it gives it says whether the
/// next who wants the same may be lucky too.
pub(crate) fn wait<H: Host, T>(
    host: &H,
    want: H::Want,
    patience: &impl Patience,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let mut core = host.lock();
    loop {
        let found = attempt(&mut core);
        let left = patience.left();
        if found.is_some() || left == Some(Duration::ZERO) {
            let more = found.as_ref().is_some_and(|(_, more)| *more);
            H::turns(&mut core).pass_on(want, more);
            host.release(core);
            return found.map(|(found, _)| found);
        }
        if let Some(driver) = H::turns(&mut core).sit(want) {
            host.release(core);
            return drive(Seat { host, driver: Some(driver) }, want, patience, attempt);
        }
        let parker = Parker::current();
        let ticket = H::turns(&mut core).enqueue(want, parker.clone());
        host.release(core);
        parker.park(left);
        core = host.lock();
        H::turns(&mut core).dequeue(ticket);
    }
}

/// One attempt, and if that gives nothing and nobody drives, one round and another attempt.
pub(crate) fn try_once<H: Host, T>(
    host: &H,
    want: H::Want,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let mut core = host.lock();
    let found = attempt(&mut core);
    if found.is_some() {
        host.release(core);
        return found.map(|(found, _)| found);
    }
    let driver = H::turns(&mut core).sit(want);
    host.release(core);
    let mut seat = Seat { host, driver: Some(driver?) };
    if let Some(driver) = &mut seat.driver {
        host.seated(driver);
        host.round(driver);
    }
    let mut core = host.lock();
    let found = attempt(&mut core);
    seat.leave(core, want, found.as_ref().is_some_and(|(_, more)| *more));
    found.map(|(found, _)| found)
}

/// The holder of the seat; gives it back even when a step panics.
struct Seat<'a, H: Host> {
    host: &'a H,
    driver: Option<H::Driver>,
}

impl<'a, H: Host> Seat<'a, H> {
    fn leave(mut self, mut core: MutexGuard<'a, H::Core>, want: H::Want, more: bool) {
        if let Some(driver) = self.driver.take() {
            H::turns(&mut core).leave(driver);
        }
        H::turns(&mut core).pass_on(want, more);
        self.host.release(core);
    }
}

impl<H: Host> Drop for Seat<'_, H> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let mut core = self.host.lock();
            H::turns(&mut core).leave(driver);
            // What the last round brought was announced to a driver who never looked.
            H::turns(&mut core).wake_all();
            self.host.release(core);
        }
    }
}

/// Drives the socket until `attempt` gives something or patience is over.
fn drive<H: Host, T>(
    mut seat: Seat<'_, H>,
    want: H::Want,
    patience: &impl Patience,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let host = seat.host;
    let mut seated = false;
    while let Some(driver) = &mut seat.driver {
        if !seated {
            host.seated(driver);
            seated = true;
        }
        let progress = host.round(driver);
        let mut core = host.lock();
        let found = attempt(&mut core);
        let left = patience.left();
        if found.is_some() || left == Some(Duration::ZERO) {
            let more = found.as_ref().is_some_and(|(_, more)| *more);
            seat.leave(core, want, more);
            return found.map(|(found, _)| found);
        }
        if progress || H::has_work(&core) {
            host.release(core);
            continue;
        }
        // Under the same lock as the look at everything: whatever changes from here on finds the alarm and rings it.
        H::turns(&mut core).sleep(host.alarm(driver));
        host.release(core);
        if !host.spin(driver) {
            host.sleep(driver, left);
        }
        let mut core = host.lock();
        H::turns(&mut core).awake();
        host.release(core);
    }
    None
}
