//! Whose turn it is: the seat of a socket and everybody who waits at it.
//!
//! The seat is the ownership of the socket's *driver*, the box with its event loop and the pipes to be read. Whoever holds the box
//! polls, reads and parses for all. All of this is plain data behind the socket's one lock, so a check and the change
//! that follows from it cannot be torn apart. Wakes are only noted here; the caller makes them after unlocking.
//!
//! Invariants, checked by the models (`invariants.rs`):
//! * I1: a message is queued (or the seat is free) and somebody waits for it => somebody who will look was signalled and has
//!   not yet run, or is driving.
//! * I2: whoever was signalled and leaves without having used it passes it on; and so does one that waits on because there is not
//!   enough for what it has itself. The notice goes to the one that goes first, then to the driver, then along the line by
//!   tickets, so it goes round once at most.
//! * I3: the seat is free and no thread waits => the background thread watches the socket, or has it lent and looks at it
//!   on every tick. While a future waits or an observer is subscribed it watches: a future never takes the seat, because nobody knows
//!   when it is polled again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

use hubless_protocol::patterns::Time;

use super::calls::{Calls, Wake};
use super::priority::{OVERTAKEN, Priority};
use super::readiness::{ReadinessSignal, ReadinessSignals};
use super::sys::sync::{Alarm, Parker};
use super::tasks::Tasks;

/// Ticks without a caller after which the background thread takes a lent socket over.
const TICKS_TO_WATCH: u8 = 2;
/// Ticks with the same caller seated after which it forgets the socket.
const TICKS_TO_FORGET: u8 = 2;

/// The seat and the waiters of one socket. `D` is the driver, `W` names what one can wait for.
#[derive(Debug)]
pub(crate) struct Turns<D, W> {
    seat: Option<D>,
    driving: Option<Driving<W>>,
    /// The background thread serves the socket while the seat is free.
    watched: bool,
    /// The background thread ticks over the socket.
    lent: bool,
    /// The background thread was asked to serve the socket, and has not come yet.
    asked: bool,
    /// How often a caller took the seat.
    taken: u64,
    ticks: Ticks,
    /// Threads that wait.
    waiters: BTreeMap<u64, Waiter<W>>,
    /// Futures that wait.
    tasks: Tasks<W>,
    /// Those who observe readiness without waiting in a call.
    signals: ReadinessSignals<W>,
    /// Who goes first of those who wait, having been overtaken for long.
    priority: Priority<W>,
    next: u64,
    /// What the one that looked last, and found nothing, wanted, and the size that it lacked memory for: others may find something.
    /// Zero where nobody could.
    lack: Option<(W, usize)>,
    /// Threads that were signalled and have not yet run.
    signalled: usize,
    calls: Calls,
}

#[derive(Debug)]
struct Driving<W> {
    /// What the driver itself waits for; nothing if it is the background thread.
    wants: Option<W>,
    /// Its ticket, once it has one.
    ticket: Option<Ticket>,
    /// The size that it lacked memory for.
    lack: usize,
    /// It was told that what it wants may be met.
    told: bool,
    /// How to wake it, while it sleeps.
    alarm: Option<Alarm>,
}

#[derive(Debug)]
struct Waiter<W> {
    want: W,
    thread: Parker,
    signalled: bool,
    since: Option<Time>,
    /// The size that it lacked memory for.
    lack: usize,
}

#[derive(Debug, Default)]
struct Ticks {
    taken: u64,
    free: u8,
    driven: u8,
}

/// Names a waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// What the background thread does with a lent socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    /// Look again at the next tick.
    Keep,
    /// No more: a caller drives and will lend it anew.
    Forget,
    /// Take it over: no caller has come.
    Watch,
}

impl<D, W: Copy + Ord> Turns<D, W> {
    /// A free seat that the background thread watches.
    pub(crate) fn new(driver: D) -> Self {
        Self {
            seat: Some(driver),
            driving: None,
            watched: true,
            lent: false,
            asked: false,
            taken: 0,
            ticks: Ticks::default(),
            waiters: BTreeMap::new(),
            tasks: Tasks::new(),
            signals: ReadinessSignals::new(),
            priority: Priority::new(),
            next: 0,
            lack: None,
            signalled: 0,
            calls: Calls::default(),
        }
    }

    /// Takes the seat for a caller who waits for `want`, if it is free. From now on the caller serves the socket.
    /// With its ticket, if it has waited before.
    pub(super) fn sit(&mut self, want: W, ticket: Option<Ticket>) -> Option<D> {
        let driver = self.take(Some(want), ticket)?;
        self.taken += 1;
        self.watched = false;
        Some(driver)
    }

    /// The background thread has come, asked or not, and looks at everything from here on.
    pub(crate) fn comes(&mut self) {
        self.asked = false;
    }

    /// Takes the seat for the background thread, if it is free.
    pub(crate) fn serve(&mut self) -> Option<D> {
        self.take(None, None)
    }

    fn take(&mut self, wants: Option<W>, ticket: Option<Ticket>) -> Option<D> {
        let driver = self.seat.take()?;
        let lack = wants.map_or(0, |want| self.lack_of(want));
        self.driving = Some(Driving { wants, ticket, lack, told: false, alarm: None });
        Some(driver)
    }

    /// The driver is about to sleep, having looked at everything under this same lock.
    pub(super) fn sleep(&mut self, alarm: Alarm) {
        if let Some(driving) = &mut self.driving {
            driving.alarm = Some(alarm);
        }
    }

    /// Whether the driver sleeps, and nobody has rung its alarm.
    pub(super) fn is_asleep(&self) -> bool {
        self.driving.as_ref().is_some_and(|driving| driving.alarm.is_some())
    }

    /// The driver is awake.
    pub(crate) fn awake(&mut self) {
        if let Some(driving) = &mut self.driving {
            driving.alarm = None;
        }
    }

    /// Gives the seat back.
    pub(crate) fn leave(&mut self, driver: D) {
        self.seat = Some(driver);
        self.driving = None;
        self.settle();
    }

    /// The background thread gives the seat back and goes on watching.
    pub(crate) fn leave_watched(&mut self, driver: D) {
        self.watched = true;
        self.lent = false;
        self.leave(driver);
    }

    /// Whether nobody drives.
    pub(crate) fn is_free(&self) -> bool {
        self.seat.is_some()
    }

    /// Whether the background thread is to serve the socket: nobody drives, and it has been taken over.
    pub(crate) fn is_watched(&self) -> bool {
        self.watched && self.seat.is_some()
    }

    /// Becomes a waiter, in the place it had, or behind those who wait already.
    /// It has waited since then, if that matters.
    pub(crate) fn enqueue(
        &mut self,
        want: W,
        thread: Parker,
        ticket: Option<Ticket>,
        since: Option<Time>,
    ) -> Ticket {
        let ticket = ticket.unwrap_or_else(|| self.number());
        let lack = self.lack_of(want);
        self.waiters.insert(ticket.0, Waiter { want, thread, signalled: false, since, lack });
        ticket
    }

    /// Whether threads wait.
    #[inline]
    pub(super) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty()
    }

    fn number(&mut self) -> Ticket {
        self.next += 1;
        Ticket(self.next - 1)
    }

    /// Whether the driver, who has found nothing, was told since it was asked last that what it wants may be met.
    #[inline]
    pub(super) fn was_told(&mut self) -> bool {
        self.driving.as_mut().is_some_and(|driving| std::mem::take(&mut driving.told))
    }

    /// Whoever has this ticket looks at what it wants, until that is said of somebody else.
    #[inline]
    pub(super) fn looks(&mut self, ticket: Option<Ticket>) {
        self.priority.look(ticket.map(|Ticket(ticket)| ticket));
    }

    /// Whether whoever looks must leave `want` to one that goes first.
    #[inline]
    pub(crate) fn bars(&self, want: W) -> bool {
        self.priority.bars(want)
    }

    /// The size of the smallest message that waits for the one that goes first; zero where all do.
    pub(crate) fn least_barred(&self) -> usize {
        self.priority.least()
    }

    /// Whether the one that looks has waited, and may go beyond the limit of memory behind others.
    pub(crate) fn looks_again(&self) -> bool {
        self.priority.looks_again()
    }

    /// The one that looks has found nothing, and lacked memory for this size; zero where another size would have found nothing either.
    pub(crate) fn lacks(&mut self, want: W, octets: usize) {
        self.lack = Some((want, octets));
    }

    fn lack_of(&self, want: W) -> usize {
        self.lack.filter(|(wanted, _)| *wanted == want).map_or(0, |(_, octets)| octets)
    }

    /// Whether somebody waits for `want` who lacks memory, or observes and has seen that it is not met.
    pub(crate) fn awaits_memory(&self, want: W) -> bool {
        let driver = self.driving.iter().any(|driving| driving.wants == Some(want) && driving.lack > 0);
        driver
            || self.waiters.values().any(|waiter| waiter.want == want && waiter.lack > 0)
            || self.tasks.lack(want)
            || self.signals.any_is_clear(want)
    }

    /// The driver has looked and found nothing. What it lacks now is what others are judged by.
    #[inline]
    pub(super) fn driver_missed(&mut self, want: W) {
        let lack = self.lack_of(want);
        let Some(driving) = self.driving.as_mut() else { return };
        driving.lack = lack;
        if let Some(Ticket(ticket)) = driving.ticket
            && self.priority.first(want) == Some(ticket)
        {
            self.priority.take(want, ticket, lack);
        }
    }

    /// The driver was told of something and finds that it is not for it: it waits on, and the next in the line looks.
    /// The same for one in the line, with its ticket. Nothing where a smaller message would have found nothing either.
    #[cold]
    pub(super) fn pass_over(&mut self, want: W, ticket: Option<Ticket>, drives: bool) {
        if self.lack_of(want) > 0 {
            self.signal_next(want, ticket, drives);
        }
    }

    /// Leaves with `want` not met. One that was signalled, or told as the driver, hands that on to the next in the line; where this one went
    /// first, all who were barred may look.
    #[cold]
    pub(super) fn gives_up(&mut self, want: W, ticket: Option<Ticket>, told: bool, drove: bool) {
        if ticket.is_some_and(|ticket| self.priority.give_up(ticket.0)) {
            self.satisfied(want);
        } else if told {
            self.signal_next(want, ticket, drove);
        }
        self.settle();
    }

    /// Signals who comes after this one: the driver after the one that goes first, then the line by tickets.
    fn signal_next(&mut self, want: W, ticket: Option<Ticket>, drives: bool) {
        let first = self.priority.first(want);
        let goes_first = ticket.is_some_and(|Ticket(ticket)| first == Some(ticket));
        if goes_first
            && !drives
            && let Some(driving) = self.driving.as_mut().filter(|driving| driving.wants == Some(want))
        {
            driving.told = true;
            return self.wake_driver();
        }
        let after = ticket.filter(|_| !goes_first && !drives).map(|Ticket(ticket)| ticket);
        self.signal_behind(want, after, first);
    }

    /// Whoever waits for `want` was overtaken for long: it goes first from now on, in its place or as the driver.
    pub(crate) fn goes_first(&mut self, want: W, ticket: Option<Ticket>, drives: bool) -> Ticket {
        let ticket = ticket.unwrap_or_else(|| self.number());
        if let Some(driving) = self.driving.as_mut().filter(|_| drives) {
            driving.ticket = Some(ticket);
        }
        self.priority.take(want, ticket.0, self.lack_of(want));
        ticket
    }

    /// A future becomes a waiter, or waits on in its old place with a new waker. It must have looked at what it wants under
    /// this same lock. The waker that it had, to be dropped after unlocking.
    pub(super) fn enqueue_task(
        &mut self,
        want: W,
        ticket: Option<Ticket>,
        waker: Waker,
    ) -> (Ticket, Option<Waker>) {
        let ticket = ticket.map_or(self.next, |Ticket(ticket)| ticket);
        self.next = self.next.max(ticket + 1);
        let before = self.tasks.insert(want, ticket, waker, self.lack_of(want));
        self.settle();
        (Ticket(ticket), before)
    }

    /// A future waits no longer. Its waker, to be dropped after unlocking; nothing if it was signalled: then it must call
    /// [`pass_on`](Self::pass_on).
    pub(super) fn dequeue_task(&mut self, want: W, ticket: Ticket) -> Option<Waker> {
        self.tasks.remove(want, ticket.0)
    }

    /// From now on this signal is set whenever `want` may be met.
    pub(crate) fn subscribe(&mut self, want: W, signal: Arc<ReadinessSignal>, ready: bool) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.signals.subscribe(want, ticket, signal);
        if ready {
            self.calls.wakes.extend(self.signals.set(Some(want)).map(Wake::Observer));
        }
        self.settle();
        Ticket(ticket)
    }

    pub(crate) fn unsubscribe(&mut self, signal: Ticket) {
        self.signals.unsubscribe(signal.0);
    }

    pub(crate) fn is_set(&self, signal: Ticket) -> bool {
        self.signals.is_set(signal.0)
    }

    /// Somebody has looked for `want`, under this same lock, and found that it is not met.
    #[inline]
    pub(crate) fn missed(&mut self, want: W) {
        if !self.signals.is_empty() {
            self.calls.wakes.extend(self.signals.clear(want).map(Wake::Observer));
        }
    }

    /// Whether somebody waits, as a thread or as a future, for what passes this test.
    pub(crate) fn awaits(&self, test: impl Fn(W) -> bool) -> bool {
        let driver = self.driving.iter().filter_map(|driving| driving.wants);
        let threads = self.waiters.values().map(|waiter| waiter.want);
        driver.chain(threads).chain(self.tasks.wants()).any(test)
    }

    /// Whether the background thread is to keep the seat: it watches, and will have to again as soon as a caller who does not
    /// wait has looked.
    pub(super) fn is_kept(&self) -> bool {
        self.is_watched() && self.has_onlookers()
    }

    /// Whether somebody wants to know who takes no seat: a future or an observer.
    fn has_onlookers(&self) -> bool {
        !self.tasks.is_empty() || !self.signals.is_empty()
    }

    /// The waiter runs again: it is no waiter any more. It must look at what it wanted, and then call
    /// [`pass_on`](Self::pass_on), or wait anew, or take the seat.
    /// Whether it was signalled.
    pub(crate) fn dequeue(&mut self, ticket: Ticket) -> bool {
        let signalled = self.waiters.remove(&ticket.0).is_some_and(|waiter| waiter.signalled);
        self.signalled -= usize::from(signalled);
        signalled
    }

    /// What somebody may wait for has come true. Wakes the driver if it sleeps and wants this, otherwise the oldest waiter
    /// who does, unless one was signalled already: that one passes it on.
    #[inline]
    pub(crate) fn satisfied(&mut self, want: W) {
        if let Some(first) = self.priority.first(want) {
            return self.signal_first(first);
        }
        if let Some(driving) = &mut self.driving
            && driving.wants == Some(want)
        {
            driving.told = true;
            return self.wake_driver();
        }
        if !self.waiters.is_empty() || self.has_onlookers() {
            self.signal_oldest(want);
        }
    }

    /// Something has changed that each of those who wait for `want` judges for itself: all of them look.
    pub(crate) fn changed(&mut self, want: W) {
        if self.driving.as_ref().is_some_and(|driving| driving.wants == Some(want)) {
            self.wake_driver();
        }
        self.signal_all(|waiter| waiter.want == want);
        self.calls.wakes.extend(self.tasks.take_all_of(want).into_iter().map(Wake::Task));
    }

    /// Leaves with `want` met, or for good: if there may be `more` of it, the next who waits for it is signalled. That may be the
    /// driver, too, if this one went first, for the driver has found itself barred. With the time given, one that has waited for
    /// long goes first, so that this one does not overtake it.
    pub(crate) fn pass_on(&mut self, want: W, ticket: Option<Ticket>, more: bool, now: Option<Time>) {
        let was_first = ticket.is_some_and(|ticket| self.priority.give_up(ticket.0));
        if more {
            if let Some(now) = now
                && let Some((ticket, oldest)) = self.waiters.iter().find(|(_, waiter)| waiter.want == want)
                && oldest.since.is_some_and(|since| now.since(since) >= OVERTAKEN)
            {
                self.priority.take(want, *ticket, oldest.lack);
            }
            if was_first || self.priority.first(want).is_some() {
                self.satisfied(want);
            } else {
                self.signal_oldest(want);
            }
        }
        self.settle();
    }

    /// Something concerns whoever drives: it must look before it sleeps again. With a free seat the background thread
    /// serves the socket; a lent one it looks at on its next tick.
    pub(crate) fn nudge(&mut self) {
        if self.watched && self.driving.is_none() {
            self.ask();
        }
        self.wake_driver();
    }

    /// The same, but with a free seat the background thread is not woken for it each time: whoever waits next takes the seat
    /// and looks, and if nobody comes, it looks on its next tick.
    pub(crate) fn look_soon(&mut self) {
        if self.watched && self.driving.is_none() {
            self.lend();
        }
        self.wake_driver();
    }

    /// Only for the driver: with a free seat nobody is troubled.
    #[inline]
    pub(super) fn wake_driver(&mut self) {
        if let Some(alarm) = self.driving.as_mut().and_then(|driving| driving.alarm.take()) {
            self.calls.alarm = Some(alarm);
        }
    }

    /// Wakes everybody: the socket closes.
    pub(crate) fn wake_all(&mut self) {
        self.priority.clear();
        self.signal_all(|_| true);
        self.calls.wakes.extend(self.tasks.take_all().map(Wake::Task));
        self.calls.wakes.extend(self.signals.set(None).map(Wake::Observer));
        self.nudge();
    }

    /// Has threads woken that wait for something beside the seat.
    pub(crate) fn wake(&mut self, threads: Vec<Parker>) {
        self.calls.wakes.extend(threads.into_iter().map(Wake::Thread));
    }

    /// The background thread looks at a lent socket.
    pub(crate) fn tick(&mut self) -> Tick {
        if !self.lent {
            return Tick::Forget;
        }
        let same = self.ticks.taken == self.taken;
        let ticks = match (self.is_free(), same) {
            (true, true) => Ticks { free: self.ticks.free + 1, driven: 0, taken: self.taken },
            (false, true) => Ticks { free: 0, driven: self.ticks.driven + 1, taken: self.taken },
            (_, false) => Ticks { taken: self.taken, ..Ticks::default() },
        };
        self.ticks = ticks;
        if self.ticks.free >= TICKS_TO_WATCH {
            return Tick::Watch;
        }
        if self.ticks.driven >= TICKS_TO_FORGET {
            self.lent = false;
            return Tick::Forget;
        }
        Tick::Keep
    }

    /// Whether anything is to be done after unlocking.
    #[inline]
    pub(crate) fn has_calls(&self) -> bool {
        self.calls.are_there()
    }

    /// What is to be done after unlocking, if anything.
    #[inline]
    pub(crate) fn take_calls(&mut self) -> Option<Calls> {
        self.has_calls().then(|| std::mem::take(&mut self.calls))
    }

    /// Keeps I1 and I3: with the seat free, a thread that waits takes it, or the background thread knows of it.
    fn settle(&mut self) {
        if self.seat.is_none() {
            return;
        }
        if !self.waiters.is_empty() {
            if self.signalled == 0 {
                self.signal_oldest_thread(|_| true);
            }
        } else if !self.watched && self.has_onlookers() {
            self.watched = true;
            self.lent = false;
            self.ask();
        } else if !self.watched {
            self.lend();
        }
    }

    /// The background thread is to serve the socket. Asked once until it comes: it may be long until then, and meanwhile
    /// somebody may find nothing again and again.
    fn ask(&mut self) {
        self.calls.serve |= !std::mem::replace(&mut self.asked, true);
    }

    /// The background thread is to tick over the socket.
    fn lend(&mut self) {
        if !std::mem::replace(&mut self.lent, true) {
            self.ticks = Ticks { taken: self.taken, ..Ticks::default() };
            self.calls.lend = true;
        }
    }

    fn signal_all(&mut self, suits: impl Fn(&Waiter<W>) -> bool) {
        for waiter in self.waiters.values_mut().filter(|waiter| !waiter.signalled && suits(waiter)) {
            waiter.signalled = true;
            self.signalled += 1;
            self.calls.wakes.push(Wake::Thread(waiter.thread.clone()));
        }
    }

    /// Signals who goes first. It is among those who wait, or drives.
    #[cold]
    fn signal_first(&mut self, first: u64) {
        if let Some(driving) = self.driving.as_mut().filter(|driving| driving.ticket == Some(Ticket(first))) {
            driving.told = true;
            return self.wake_driver();
        }
        self.signal_oldest_thread(|(ticket, _)| **ticket == first);
    }

    /// Signals who has waited longest for `want`, thread or future, and sets the readiness signals for it: their
    /// observers will try as one that never waited does.
    fn signal_oldest(&mut self, want: W) {
        self.signal_behind(want, None, None);
    }

    /// The same for who has waited longest of those behind this ticket; not for the one that goes first, which has looked, nor for
    /// those that are known to wait until that has had its turn.
    fn signal_behind(&mut self, want: W, after: Option<u64>, first: Option<u64>) {
        let least = self.priority.first(want).map_or(0, |_| self.priority.least());
        let barred = |lack: usize| least > 0 && lack >= least;
        let task = self.tasks.oldest(want, after, |lack| !barred(lack));
        if !self.signal_oldest_thread(|(ticket, waiter)| {
            let behind = after.is_none_or(|after| **ticket > after) && Some(**ticket) != first;
            behind && waiter.want == want && !barred(waiter.lack) && task.is_none_or(|task| **ticket < task)
        }) && let Some(waker) = task.and_then(|ticket| self.tasks.remove(want, ticket))
        {
            self.calls.wakes.push(Wake::Task(waker));
        }
        self.calls.wakes.extend(self.signals.set(Some(want)).map(Wake::Observer));
    }

    /// Whether there is such a thread.
    fn signal_oldest_thread(&mut self, suits: impl Fn(&(&u64, &mut Waiter<W>)) -> bool) -> bool {
        let Some((_, oldest)) = self.waiters.iter_mut().find(suits) else { return false };
        // If this one was signalled, it has not yet run: it will look, and pass on what it does not use to those behind it.
        if !oldest.signalled {
            oldest.signalled = true;
            self.signalled += 1;
            self.calls.wakes.push(Wake::Thread(oldest.thread.clone()));
        }
        true
    }
}

#[cfg(test)]
#[path = "invariants.rs"]
mod invariants;
