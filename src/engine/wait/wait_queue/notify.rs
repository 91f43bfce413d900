//! Notifying those who wait, and passing on notices that were not used.

use super::super::deferred_wakeups::Wake;
use super::priority::OVERTAKEN;
use super::{Ticket, WaitQueue, Waiter};
use hubless_protocol::patterns::Time;

impl<D, W: Copy + Ord> WaitQueue<D, W> {
    /// What somebody may wait for has come true. Wakes the driver if it sleeps and wants this, otherwise the oldest waiter
    /// who does, unless one was signalled already: that one passes it on.
    #[inline]
    pub(crate) fn notify_one(&mut self, want: W) {
        if let Some(first) = self.priority.first(want) {
            return self.signal_first(first);
        }
        if let Some(driving) = &mut self.driving
            && driving.wants == Some(want)
        {
            driving.notified = true;
            return self.ring_driver();
        }
        if !self.waiters.is_empty() || self.has_observers() {
            self.signal_oldest(want);
        }
    }

    /// Something has changed that each of those who wait for `want` judges for itself: all of them look.
    pub(crate) fn notify_all(&mut self, want: W) {
        if self.driving.as_ref().is_some_and(|driving| driving.wants == Some(want)) {
            self.ring_driver();
        }
        self.signal_all(|waiter| waiter.want == want);
        self.wakeups.wakes.extend(self.tasks.take_all_of(want).into_iter().map(Wake::Task));
    }

    /// Leaves with `want` met, or for good: if there may be `more` of it, the next who waits for it is signalled. That may be the
    /// driver, too, if this one went first, for the driver has found itself barred. With the time given, one that has waited for
    /// long goes first, so that this one does not overtake it.
    pub(crate) fn propagate_wakeup(
        &mut self,
        want: W,
        ticket: Option<Ticket>,
        more: bool,
        now: Option<Time>,
    ) {
        let was_first = ticket.is_some_and(|ticket| self.priority.give_up(ticket.0));
        if more {
            if let Some(now) = now
                && let Some((ticket, oldest)) = self.waiters.iter().find(|(_, waiter)| waiter.want == want)
                && oldest.since.is_some_and(|since| now.since(since) >= OVERTAKEN)
            {
                self.priority.take(want, *ticket, oldest.lack);
            }
            if was_first || self.priority.first(want).is_some() {
                self.notify_one(want);
            } else {
                self.signal_oldest(want);
            }
        }
        self.settle();
    }

    /// The driver was told of something and finds that it is not for it: it waits on, and the next in the line looks.
    /// The same for one in the line, with its ticket. Nothing where a smaller message would have found nothing either.
    #[cold]
    pub(in super::super) fn forward_wakeup(&mut self, want: W, ticket: Option<Ticket>, drives: bool) {
        if self.lack_of(want) > 0 {
            self.signal_next(want, ticket, drives);
        }
    }

    /// Leaves with `want` not met. One that was signalled, or told as the driver, hands that on to the next in the line; where this one went
    /// first, all who were barred may look.
    #[cold]
    pub(in super::super) fn give_up(&mut self, want: W, ticket: Option<Ticket>, notified: bool, drove: bool) {
        if ticket.is_some_and(|ticket| self.priority.give_up(ticket.0)) {
            self.notify_one(want);
        } else if notified {
            self.signal_next(want, ticket, drove);
        }
        self.settle();
    }

    /// Signals who comes after this one: the driver after the one that goes first, then the line by tickets.
    pub(super) fn signal_next(&mut self, want: W, ticket: Option<Ticket>, drives: bool) {
        let first = self.priority.first(want);
        let goes_first = ticket.is_some_and(|Ticket(ticket)| first == Some(ticket));
        if goes_first
            && !drives
            && let Some(driving) = self.driving.as_mut().filter(|driving| driving.wants == Some(want))
        {
            driving.notified = true;
            return self.ring_driver();
        }
        let after = ticket.filter(|_| !goes_first && !drives).map(|Ticket(ticket)| ticket);
        self.signal_behind(want, after, first);
    }

    /// Something concerns the driver: it must look before it sleeps again. With a free seat the background thread
    /// serves the socket; one that was handed off it looks at on its next look.
    pub(crate) fn wake_driver(&mut self) {
        if self.in_background && self.driving.is_none() {
            self.ask();
        }
        self.ring_driver();
    }

    /// The same, but with a free seat the background thread is not woken for it each time: the next to wait takes the seat
    /// and looks, and if nobody comes, the background thread looks when it next polls the hand-off.
    pub(crate) fn wake_driver_lazily(&mut self) {
        if self.in_background && self.driving.is_none() {
            self.hand_off();
        }
        self.ring_driver();
    }

    /// Only for the driver: with a free seat nobody is troubled.
    #[inline]
    pub(in super::super) fn ring_driver(&mut self) {
        if let Some(alarm) = self.driving.as_mut().and_then(|driving| driving.alarm.take()) {
            self.wakeups.alarm = Some(alarm);
        }
    }

    /// Wakes everybody: the socket closes.
    pub(crate) fn wake_all(&mut self) {
        self.priority.clear();
        self.signal_all(|_| true);
        self.wakeups.wakes.extend(self.tasks.take_all().map(Wake::Task));
        self.wakeups.wakes.extend(self.signals.set(None).map(Wake::Observer));
        self.wake_driver();
    }

    /// Has threads woken that wait for something beside the seat.
    pub(crate) fn wake(&mut self, wakes: Vec<Wake>) {
        self.wakeups.wakes.extend(wakes);
    }

    /// Keeps I1 and I3: with the seat free, a thread that waits takes it, or the background thread knows of it.
    pub(super) fn settle(&mut self) {
        if self.seat.is_none() {
            return;
        }
        if !self.waiters.is_empty() {
            if self.signalled == 0 {
                self.signal_oldest_thread(|_| true);
            }
        } else if !self.in_background && self.has_observers() {
            self.in_background = true;
            self.handed_off = false;
            self.ask();
        } else if !self.in_background {
            self.hand_off();
        }
    }

    pub(super) fn signal_all(&mut self, suits: impl Fn(&Waiter<W>) -> bool) {
        for waiter in self.waiters.values_mut().filter(|waiter| !waiter.signalled && suits(waiter)) {
            waiter.signalled = true;
            self.signalled += 1;
            self.wakeups.wakes.push(Wake::Thread(waiter.thread.clone()));
        }
    }

    /// Signals who goes first. It is among those who wait, or drives.
    #[cold]
    fn signal_first(&mut self, first: u64) {
        if let Some(driving) = self.driving.as_mut().filter(|driving| driving.ticket == Some(Ticket(first))) {
            driving.notified = true;
            return self.ring_driver();
        }
        self.signal_oldest_thread(|(ticket, _)| **ticket == first);
    }

    /// Signals who has waited longest for `want`, thread or future, and sets the readiness signals for it: their
    /// observers will try as one that never waited does.
    pub(super) fn signal_oldest(&mut self, want: W) {
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
            self.wakeups.wakes.push(Wake::Task(waker));
        }
        self.wakeups.wakes.extend(self.signals.set(Some(want)).map(Wake::Observer));
    }

    /// Whether there is such a thread.
    pub(super) fn signal_oldest_thread(&mut self, suits: impl Fn(&(&u64, &mut Waiter<W>)) -> bool) -> bool {
        let Some((_, oldest)) = self.waiters.iter_mut().find(suits) else { return false };
        // If this one was signalled, it has not yet run: it will look, and pass on what it does not use to those behind it.
        if !oldest.signalled {
            oldest.signalled = true;
            self.signalled += 1;
            self.wakeups.wakes.push(Wake::Thread(oldest.thread.clone()));
        }
        true
    }
}
