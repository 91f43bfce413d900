//! Whose turn it is: the seat of a socket and everybody who waits at it.
//!
//! The seat is the ownership of the socket's *driver*, the box with its event loop and read buffers. Whoever holds the box
//! polls, reads and parses for all. All of this is plain data behind the socket's one lock, so a check and the change
//! that follows from it cannot be torn apart. Wakes are only noted here; the caller makes them after unlocking.
//!
//! Invariants, checked by the models:
//! * I1: a message is queued (or the seat is free) and somebody waits for it => somebody who will look was signalled and has
//!   not yet run, or is driving.
//! * I2: whoever was signalled and leaves without having used it passes it on.
//! * I3: the seat is free and nobody waits => the background thread watches the socket, or has it lent and looks at it
//!   on every tick.

use std::collections::BTreeMap;

use super::sync::{Alarm, Parker};

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
    /// How often a caller took the seat.
    taken: u64,
    ticks: Ticks,
    waiters: BTreeMap<u64, Waiter<W>>,
    next: u64,
    /// Waiters that were signalled and have not yet run.
    signalled: usize,
    calls: Calls,
}

#[derive(Debug)]
struct Driving<W> {
    /// What the driver itself waits for; nothing if it is the background thread.
    wants: Option<W>,
    /// How to wake it, while it sleeps.
    alarm: Option<Alarm>,
}

#[derive(Debug)]
struct Waiter<W> {
    want: W,
    thread: Parker,
    signalled: bool,
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

/// What must be done once the lock is released.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Calls {
    threads: Vec<Parker>,
    alarm: Option<Alarm>,
    /// Tell the background thread to tick over the socket.
    pub(crate) lend: bool,
    /// Tell the background thread to serve the socket now.
    pub(crate) serve: bool,
}

impl Calls {
    pub(crate) fn wake(&self) {
        for thread in &self.threads {
            thread.unpark();
        }
        if let Some(alarm) = &self.alarm {
            alarm.ring();
        }
    }
}

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

impl<D, W: Copy + Eq> Turns<D, W> {
    /// A free seat that the background thread watches.
    pub(crate) fn new(driver: D) -> Self {
        Self {
            seat: Some(driver),
            driving: None,
            watched: true,
            lent: false,
            taken: 0,
            ticks: Ticks::default(),
            waiters: BTreeMap::new(),
            next: 0,
            signalled: 0,
            calls: Calls::default(),
        }
    }

    /// Takes the seat for a caller who waits for `want`, if it is free. From now on the caller serves the socket.
    pub(crate) fn sit(&mut self, want: W) -> Option<D> {
        let driver = self.take(Some(want))?;
        self.taken += 1;
        self.watched = false;
        Some(driver)
    }

    /// Takes the seat for the background thread, if it is free.
    pub(crate) fn serve(&mut self) -> Option<D> {
        self.take(None)
    }

    fn take(&mut self, wants: Option<W>) -> Option<D> {
        let driver = self.seat.take()?;
        self.driving = Some(Driving { wants, alarm: None });
        Some(driver)
    }

    /// The driver is about to sleep, having looked at everything under this same lock.
    pub(crate) fn sleep(&mut self, alarm: Alarm) {
        if let Some(driving) = &mut self.driving {
            driving.alarm = Some(alarm);
        }
    }

    /// Whether the driver sleeps, and nobody has rung its alarm.
    pub(crate) fn is_asleep(&self) -> bool {
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

    /// Becomes a waiter, behind those who wait already.
    pub(crate) fn enqueue(&mut self, want: W, thread: Parker) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.waiters.insert(ticket, Waiter { want, thread, signalled: false });
        Ticket(ticket)
    }

    /// The waiter runs again: it is no waiter any more. It must look at what it wanted, and then call
    /// [`pass_on`](Self::pass_on), or wait anew, or take the seat.
    pub(crate) fn dequeue(&mut self, ticket: Ticket) {
        if self.waiters.remove(&ticket.0).is_some_and(|waiter| waiter.signalled) {
            self.signalled -= 1;
        }
    }

    /// What somebody may wait for has come true. Wakes the driver if it sleeps and wants this, otherwise the oldest waiter
    /// who does, unless one was signalled already: that one passes it on.
    #[inline]
    pub(crate) fn satisfied(&mut self, want: W) {
        if self.driving.as_ref().is_some_and(|driving| driving.wants == Some(want)) {
            return self.wake_driver();
        }
        if !self.waiters.is_empty() {
            self.signal_oldest(|waiter| waiter.want == want);
        }
    }

    /// Something has changed that each of those who wait for `want` judges for itself: all of them look.
    pub(crate) fn changed(&mut self, want: W) {
        if self.driving.as_ref().is_some_and(|driving| driving.wants == Some(want)) {
            self.wake_driver();
        }
        self.signal_all(|waiter| waiter.want == want);
    }

    /// Leaves with `want` met, or for good: if there may be `more` of it, the next who waits for it is signalled.
    pub(crate) fn pass_on(&mut self, want: W, more: bool) {
        if more {
            self.signal_oldest(|waiter| waiter.want == want);
        }
        self.settle();
    }

    /// Something concerns whoever drives: it must look before it sleeps again. With a free seat the background thread
    /// serves the socket; a lent one it looks at on its next tick.
    pub(crate) fn nudge(&mut self) {
        self.calls.serve |= self.watched && self.driving.is_none();
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
    pub(crate) fn wake_driver(&mut self) {
        if let Some(alarm) = self.driving.as_mut().and_then(|driving| driving.alarm.take()) {
            self.calls.alarm = Some(alarm);
        }
    }

    /// Wakes everybody: the socket closes.
    pub(crate) fn wake_all(&mut self) {
        self.signal_all(|_| true);
        self.nudge();
    }

    /// Has threads woken that wait for something beside the seat.
    pub(crate) fn wake(&mut self, threads: Vec<Parker>) {
        self.calls.threads.extend(threads);
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
        let calls = &self.calls;
        !calls.threads.is_empty() || calls.alarm.is_some() || calls.lend || calls.serve
    }

    /// What is to be done after unlocking, if anything.
    #[inline]
    pub(crate) fn take_calls(&mut self) -> Option<Calls> {
        self.has_calls().then(|| std::mem::take(&mut self.calls))
    }

    /// Keeps I1 and I3: with the seat free, somebody who waits takes it, or the background thread knows of it.
    fn settle(&mut self) {
        if self.seat.is_none() {
            return;
        }
        if self.waiters.is_empty() {
            if !self.watched {
                self.lend();
            }
        } else if self.signalled == 0 {
            self.signal_oldest(|_| true);
        }
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
            self.calls.threads.push(waiter.thread.clone());
        }
    }

    fn signal_oldest(&mut self, suits: impl Fn(&Waiter<W>) -> bool) {
        // It is always the oldest who is signalled, so if this one was, it has not yet run and will pass on what it
        // does not use.
        if let Some(oldest) = self.waiters.values_mut().find(|waiter| suits(waiter))
            && !oldest.signalled
        {
            oldest.signalled = true;
            self.signalled += 1;
            self.calls.threads.push(oldest.thread.clone());
        }
    }
}
