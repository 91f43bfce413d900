//! The one way to wait: try, then drive the socket if the seat is free, else sleep until signalled; again until done.

use std::time::Duration;

use hubless_protocol::patterns::Time;

use super::sys::sync::{Alarm, Flag, MutexGuard, Parker};
use super::wait_queue::priority::Overtaken;
use super::wait_queue::{Ticket, WaitQueue};

/// What the blocking loop needs of a socket.
pub(crate) trait Waitable {
    /// What the socket's lock guards.
    type Core;
    /// Its driver.
    type Driver;
    /// What one can wait for.
    type Want: Copy + Ord;

    fn lock(&self) -> MutexGuard<'_, Self::Core>;
    fn wait_queue(core: &mut Self::Core) -> &mut WaitQueue<Self::Driver, Self::Want>;
    /// Unlocks and does what the step under the lock left to do: wakes, flushes, removals.
    fn release(&self, core: MutexGuard<'_, Self::Core>);
    /// Gives the seat back. The driver of a socket that is over keeps nothing.
    fn give_back(core: &mut Self::Core, driver: Self::Driver) {
        Self::wait_queue(core).release_driver(driver);
    }

    /// Whether what one who wants this takes is lost to the others who want it, so that they can overtake one another.
    fn is_contended(_want: Self::Want) -> bool {
        false
    }

    fn now(&self) -> Time {
        Time::default()
    }

    /// A future begins to wait, or no longer does. In between it may have been woken and not been polled yet.
    fn future_waits(_core: &mut Self::Core, _want: Self::Want, _begins: bool) {}

    /// A caller has the driver and no lock: what only the background thread needs may go.
    fn seated(&self, driver: &mut Self::Driver);
    /// One round of reading, parsing and flushing that does not block. Says under the lock that the driver is awake, before it
    /// looks at anything. Whether anything happened.
    fn round(&self, driver: &mut Self::Driver) -> bool;
    /// Whether a round would find something without asking the system: something that only the driver sees to has come up
    /// under the lock, or is left from its last round.
    fn has_work(core: &Self::Core, driver: &Self::Driver) -> bool;
    /// Whether something that only the driver sees to has come up under the lock.
    fn is_noted(core: &Self::Core) -> bool;
    /// Whether it is worth looking again for a moment before sleeping.
    fn may_spin(&self, driver: &mut Self::Driver) -> bool;
    /// Looks again for a moment, at the system and at the flag, without giving up the processor. Whether there is something.
    fn spin(&self, driver: &mut Self::Driver, flag: &Flag) -> bool;
    /// What wakes the driver out of the sleep that follows.
    fn alarm(&self, driver: &Self::Driver) -> Alarm;
    /// Sleeps until the system reports readiness, the alarm wakes it, or the limit is over.
    fn sleep(&self, driver: &mut Self::Driver, limit: Option<Duration>);
}

/// How long a call may wait.
pub(crate) trait Deadline {
    /// What is left: `None` for ever, `Some(ZERO)` when it is over.
    fn left(&self) -> Option<Duration>;
}

/// Calls `attempt` under the lock until it gives something, or until the deadline. With what it gives it says whether the
/// next who wants the same may be lucky too. Where the deadline is over already, one round is made if nobody drives: one who asks
/// again and again without ever waiting may be the only one to do it.
pub(crate) fn block_on<H: Waitable, T>(
    host: &H,
    want: H::Want,
    deadline: &impl Deadline,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let mut call = Call { host, want, ticket: None, overtaken: Overtaken::default() };
    let mut core = host.lock();
    let mut signalled = false;
    loop {
        let found = call.look(&mut core, &mut attempt);
        if found.is_none() && signalled {
            call.found_nothing(&mut core, false);
        }
        if found.is_none()
            && let Some(driver) = H::wait_queue(&mut core).try_drive(want, call.ticket)
        {
            return drive(DriverGuard { host, driver: Some(driver) }, call, core, deadline, attempt);
        }
        let left = deadline.left();
        if found.is_some() || left == Some(Duration::ZERO) {
            match &found {
                Some((_, more)) => propagate_wakeup(host, &mut core, want, call.ticket.take(), *more),
                None => H::wait_queue(&mut core).give_up(want, call.ticket.take(), signalled, false),
            }
            host.release(core);
            return found.map(|(found, _)| found);
        }
        let since = H::is_contended(want).then(|| call.overtaken.waits(|| host.now()));
        let parker = Parker::current();
        let ticket = H::wait_queue(&mut core).enqueue(want, parker.clone(), call.ticket, since);
        call.ticket = Some(ticket);
        host.release(core);
        parker.park(left);
        core = host.lock();
        signalled = H::wait_queue(&mut core).dequeue(ticket);
    }
}

/// A caller leaves, and the next is signalled if there may be more. The time is asked for only where somebody waits who may have
/// been overtaken.
fn propagate_wakeup<H: Waitable>(
    host: &H,
    core: &mut H::Core,
    want: H::Want,
    ticket: Option<Ticket>,
    more: bool,
) {
    let queue = H::wait_queue(core);
    let now = (more && H::is_contended(want) && queue.has_waiters()).then(|| host.now());
    queue.propagate_wakeup(want, ticket, more, now);
}

/// A call that waits. It gives up its priority even when a step panics.
struct Call<'a, H: Waitable> {
    host: &'a H,
    want: H::Want,
    /// Its place among those who wait, which it keeps.
    ticket: Option<Ticket>,
    overtaken: Overtaken,
}

impl<H: Waitable> Call<'_, H> {
    fn look<T>(
        &self,
        core: &mut H::Core,
        attempt: &mut impl FnMut(&mut H::Core) -> Option<(T, bool)>,
    ) -> Option<(T, bool)> {
        H::wait_queue(core).set_looking(self.ticket);
        let found = attempt(core);
        H::wait_queue(core).set_looking(None);
        found
    }

    /// It was signalled and has found nothing: it was overtaken, or there is not enough for it.
    #[cold]
    fn found_nothing(&mut self, core: &mut H::Core, drives: bool) {
        if H::is_contended(self.want) {
            if self.overtaken.again(self.host.now()) {
                self.ticket = Some(H::wait_queue(core).prioritize(self.want, self.ticket, drives));
            }
            H::wait_queue(core).forward_wakeup(self.want, self.ticket, drives);
        }
    }
}

impl<H: Waitable> Drop for Call<'_, H> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let mut core = self.host.lock();
            H::wait_queue(&mut core).set_looking(None);
            H::wait_queue(&mut core).propagate_wakeup(self.want, Some(ticket), true, None);
            self.host.release(core);
        }
    }
}

/// One attempt, and if that gives nothing and nobody drives, one round and another attempt. Where the background thread is
/// to serve the socket all the time, the round is left to that.
pub(crate) fn try_once<H: Waitable, T>(
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
    if H::wait_queue(&mut core).is_kept_by_background() {
        if H::is_noted(&core) {
            H::wait_queue(&mut core).wake_driver();
        }
        host.release(core);
        return None;
    }
    let driver = H::wait_queue(&mut core).try_drive(want, None);
    host.release(core);
    let mut seat = DriverGuard { host, driver: Some(driver?) };
    if let Some(driver) = &mut seat.driver {
        host.seated(driver);
        host.round(driver);
    }
    let mut core = host.lock();
    let found = attempt(&mut core);
    seat.leave(core, want, None, found.as_ref().map(|(_, more)| *more));
    found.map(|(found, _)| found)
}

/// The holder of the seat; gives it back even when a step panics.
struct DriverGuard<'a, H: Waitable> {
    host: &'a H,
    driver: Option<H::Driver>,
}

impl<'a, H: Waitable> DriverGuard<'a, H> {
    /// Leaves with what was found, and whether there is more, or without.
    fn leave(
        mut self,
        mut core: MutexGuard<'a, H::Core>,
        want: H::Want,
        ticket: Option<Ticket>,
        found: Option<bool>,
    ) {
        let notified = found.is_none() && H::wait_queue(&mut core).was_notified();
        if let Some(driver) = self.driver.take() {
            H::give_back(&mut core, driver);
        }
        match found {
            Some(more) => propagate_wakeup(self.host, &mut core, want, ticket, more),
            None => H::wait_queue(&mut core).give_up(want, ticket, notified, true),
        }
        self.host.release(core);
    }
}

impl<H: Waitable> Drop for DriverGuard<'_, H> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let mut core = self.host.lock();
            H::give_back(&mut core, driver);
            // What the last round brought was announced to a driver who never looked.
            H::wait_queue(&mut core).wake_all();
            self.host.release(core);
        }
    }
}

/// Drives the socket until `attempt` gives something or until the deadline. It has just given nothing, under this same lock.
fn drive<'a, H: Waitable, T>(
    mut seat: DriverGuard<'a, H>,
    mut call: Call<'a, H>,
    mut core: MutexGuard<'a, H::Core>,
    deadline: &impl Deadline,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let host = seat.host;
    while let Some(driver) = &mut seat.driver {
        let hurried = deadline.left() == Some(Duration::ZERO);
        let rest = Rest::choose(host, &mut core, driver, hurried);
        host.release(core);
        host.seated(driver);
        rest.take(host, driver, deadline);
        host.round(driver);
        core = host.lock();
        let found = call.look(&mut core, &mut attempt);
        if found.is_some() || deadline.left() == Some(Duration::ZERO) {
            let more = found.as_ref().map(|(_, more)| *more);
            seat.leave(core, call.want, call.ticket.take(), more);
            return found.map(|(found, _)| found);
        }
        H::wait_queue(&mut core).driver_found_nothing(call.want);
        if H::wait_queue(&mut core).was_notified() {
            call.found_nothing(&mut core, true);
        }
    }
    None
}

/// What the driver does until there may be something for it.
enum Rest {
    /// There is.
    None,
    /// It looks again for a moment.
    Spin(Flag),
    Sleep,
}

impl Rest {
    /// The driver leaves its alarm under the same lock as the look at everything, so whatever changes from here on finds it
    /// and uses it.
    fn choose<H: Waitable>(host: &H, core: &mut H::Core, driver: &mut H::Driver, hurried: bool) -> Self {
        if H::has_work(core, driver) {
            return Self::None;
        }
        if !hurried && host.may_spin(driver) {
            let flag = Flag::default();
            H::wait_queue(core).sleep(Alarm::Flag(flag.clone()));
            return Self::Spin(flag);
        }
        H::wait_queue(core).sleep(host.alarm(driver));
        Self::Sleep
    }

    fn take<H: Waitable>(self, host: &H, driver: &mut H::Driver, deadline: &impl Deadline) {
        match self {
            Self::Spin(flag) if !host.spin(driver, &flag) => {
                let mut core = host.lock();
                // The alarm is gone where somebody has used it, or is about to.
                let asleep = H::wait_queue(&mut core).is_asleep();
                if asleep {
                    H::wait_queue(&mut core).sleep(host.alarm(driver));
                }
                host.release(core);
                if asleep {
                    host.sleep(driver, deadline.left());
                }
            }
            Self::Sleep => host.sleep(driver, deadline.left()),
            Self::None | Self::Spin(_) => {}
        }
    }
}
