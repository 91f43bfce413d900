//! The one way to wait: try, then drive the socket if the seat is free, else sleep until signalled; again until done.

use std::time::Duration;

use hubless_protocol::patterns::Time;

use super::priority::Overtaken;
use super::sys::sync::{Alarm, Flag, MutexGuard, Parker};
use super::turns::{Ticket, Turns};

/// What the blocking loop needs of a socket.
pub(crate) trait Host {
    /// What the socket's lock guards.
    type Core;
    /// Its driver.
    type Driver;
    /// What one can wait for.
    type Want: Copy + Ord;

    fn lock(&self) -> MutexGuard<'_, Self::Core>;
    fn turns(core: &mut Self::Core) -> &mut Turns<Self::Driver, Self::Want>;
    /// Unlocks and does what the step under the lock left to do: wakes, flushes, removals.
    fn release(&self, core: MutexGuard<'_, Self::Core>);
    /// Gives the seat back. The driver of a socket that is over keeps nothing.
    fn give_back(core: &mut Self::Core, driver: Self::Driver) {
        Self::turns(core).leave(driver);
    }

    /// Whether what one who wants this takes is lost to the others who want it, so that they can overtake one another.
    fn is_contended(_want: Self::Want) -> bool {
        false
    }

    fn now(&self) -> Time {
        Time::default()
    }

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
    /// Sleeps until the system reports readiness, the alarm rings, or the limit is over.
    fn sleep(&self, driver: &mut Self::Driver, limit: Option<Duration>);
}

/// How long a call may wait.
pub(crate) trait Patience {
    /// What is left: `None` for ever, `Some(ZERO)` when it is over.
    fn left(&self) -> Option<Duration>;
}

/// Calls `attempt` under the lock until it gives something, or patience is over. With what it gives it says whether the
/// next who wants the same may be lucky too. With no patience at all, one round is made if nobody drives: whoever asks
/// again and again without ever waiting may be the only one to do it.
pub(crate) fn wait<H: Host, T>(
    host: &H,
    want: H::Want,
    patience: &impl Patience,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let mut call = Call { host, want, ticket: None, overtaken: Overtaken::default() };
    let mut core = host.lock();
    let mut signalled = false;
    loop {
        let found = call.look(&mut core, &mut attempt);
        if found.is_none() && signalled {
            call.missed(&mut core, false);
        }
        if found.is_none()
            && let Some(driver) = H::turns(&mut core).sit(want, call.ticket)
        {
            return drive(Seat { host, driver: Some(driver) }, call, core, patience, attempt);
        }
        let left = patience.left();
        if found.is_some() || left == Some(Duration::ZERO) {
            match &found {
                Some((_, more)) => pass_on(host, &mut core, want, call.ticket.take(), *more),
                None => H::turns(&mut core).gives_up(want, call.ticket.take(), signalled, false),
            }
            host.release(core);
            return found.map(|(found, _)| found);
        }
        let since = H::is_contended(want).then(|| call.overtaken.waits(|| host.now()));
        let parker = Parker::current();
        let ticket = H::turns(&mut core).enqueue(want, parker.clone(), call.ticket, since);
        call.ticket = Some(ticket);
        host.release(core);
        parker.park(left);
        core = host.lock();
        signalled = H::turns(&mut core).dequeue(ticket);
    }
}

/// A caller leaves, and the next is signalled if there may be more. The time is asked for only where somebody waits who may have
/// been overtaken.
fn pass_on<H: Host>(host: &H, core: &mut H::Core, want: H::Want, ticket: Option<Ticket>, more: bool) {
    let turns = H::turns(core);
    let now = (more && H::is_contended(want) && turns.has_waiters()).then(|| host.now());
    turns.pass_on(want, ticket, more, now);
}

/// A call that waits. It gives up its priority even when a step panics.
struct Call<'a, H: Host> {
    host: &'a H,
    want: H::Want,
    /// Its place among those who wait, which it keeps.
    ticket: Option<Ticket>,
    overtaken: Overtaken,
}

impl<H: Host> Call<'_, H> {
    fn look<T>(
        &self,
        core: &mut H::Core,
        attempt: &mut impl FnMut(&mut H::Core) -> Option<(T, bool)>,
    ) -> Option<(T, bool)> {
        H::turns(core).looks(self.ticket);
        let found = attempt(core);
        H::turns(core).looks(None);
        found
    }

    /// It was signalled and has found nothing: it was overtaken, or there is not enough for it.
    #[cold]
    fn missed(&mut self, core: &mut H::Core, drives: bool) {
        if H::is_contended(self.want) {
            if self.overtaken.again(self.host.now()) {
                self.ticket = Some(H::turns(core).goes_first(self.want, self.ticket, drives));
            }
            H::turns(core).pass_over(self.want, self.ticket, drives);
        }
    }
}

impl<H: Host> Drop for Call<'_, H> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let mut core = self.host.lock();
            H::turns(&mut core).looks(None);
            H::turns(&mut core).pass_on(self.want, Some(ticket), true, None);
            self.host.release(core);
        }
    }
}

/// One attempt, and if that gives nothing and nobody drives, one round and another attempt. Where the background thread is
/// to serve the socket all the time, the round is left to that.
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
    if H::turns(&mut core).is_kept() {
        if H::is_noted(&core) {
            H::turns(&mut core).nudge();
        }
        host.release(core);
        return None;
    }
    let driver = H::turns(&mut core).sit(want, None);
    host.release(core);
    let mut seat = Seat { host, driver: Some(driver?) };
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
struct Seat<'a, H: Host> {
    host: &'a H,
    driver: Option<H::Driver>,
}

impl<'a, H: Host> Seat<'a, H> {
    /// Leaves with what was found, and whether there is more, or without.
    fn leave(
        mut self,
        mut core: MutexGuard<'a, H::Core>,
        want: H::Want,
        ticket: Option<Ticket>,
        found: Option<bool>,
    ) {
        let told = found.is_none() && H::turns(&mut core).was_told();
        if let Some(driver) = self.driver.take() {
            H::give_back(&mut core, driver);
        }
        match found {
            Some(more) => pass_on(self.host, &mut core, want, ticket, more),
            None => H::turns(&mut core).gives_up(want, ticket, told, true),
        }
        self.host.release(core);
    }
}

impl<H: Host> Drop for Seat<'_, H> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let mut core = self.host.lock();
            H::give_back(&mut core, driver);
            // What the last round brought was announced to a driver who never looked.
            H::turns(&mut core).wake_all();
            self.host.release(core);
        }
    }
}

/// Drives the socket until `attempt` gives something or patience is over. It has just given nothing, under this same lock.
fn drive<'a, H: Host, T>(
    mut seat: Seat<'a, H>,
    mut call: Call<'a, H>,
    mut core: MutexGuard<'a, H::Core>,
    patience: &impl Patience,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    let host = seat.host;
    while let Some(driver) = &mut seat.driver {
        let hurried = patience.left() == Some(Duration::ZERO);
        let rest = Rest::choose(host, &mut core, driver, hurried);
        host.release(core);
        host.seated(driver);
        rest.take(host, driver, patience);
        host.round(driver);
        core = host.lock();
        let found = call.look(&mut core, &mut attempt);
        if found.is_some() || patience.left() == Some(Duration::ZERO) {
            let more = found.as_ref().map(|(_, more)| *more);
            seat.leave(core, call.want, call.ticket.take(), more);
            return found.map(|(found, _)| found);
        }
        H::turns(&mut core).driver_missed(call.want);
        if H::turns(&mut core).was_told() {
            call.missed(&mut core, true);
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
    /// and rings.
    fn choose<H: Host>(host: &H, core: &mut H::Core, driver: &mut H::Driver, hurried: bool) -> Self {
        if H::has_work(core, driver) {
            return Self::None;
        }
        if !hurried && host.may_spin(driver) {
            let flag = Flag::default();
            H::turns(core).sleep(Alarm::Flag(flag.clone()));
            return Self::Spin(flag);
        }
        H::turns(core).sleep(host.alarm(driver));
        Self::Sleep
    }

    fn take<H: Host>(self, host: &H, driver: &mut H::Driver, patience: &impl Patience) {
        match self {
            Self::Spin(flag) if !host.spin(driver, &flag) => {
                let mut core = host.lock();
                // The alarm is gone where somebody has rung it, or is about to.
                let asleep = H::turns(&mut core).is_asleep();
                if asleep {
                    H::turns(&mut core).sleep(host.alarm(driver));
                }
                host.release(core);
                if asleep {
                    host.sleep(driver, patience.left());
                }
            }
            Self::Sleep => host.sleep(driver, patience.left()),
            Self::None | Self::Spin(_) => {}
        }
    }
}
