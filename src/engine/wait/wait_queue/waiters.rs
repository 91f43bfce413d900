//! Those who wait: threads, futures and observers, what they want, and who goes first.

use std::sync::Arc;
use std::task::Waker;

use hubless_protocol::patterns::Time;

use super::super::deferred_wakeups::Wake;
use super::super::readiness::ReadinessSignal;
use super::super::sys::sync::Parker;
use super::{Ticket, WaitQueue, Waiter};

impl<D, W: Copy + Ord> WaitQueue<D, W> {
    /// Becomes a waiter, in the position it had, or behind those who wait already.
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
    pub(in super::super) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty()
    }

    pub(super) fn number(&mut self) -> Ticket {
        self.next += 1;
        Ticket(self.next - 1)
    }

    /// The one with this ticket looks at what it wants, until that is said of somebody else.
    #[inline]
    pub(in super::super) fn set_looking(&mut self, ticket: Option<Ticket>) {
        self.priority.look(ticket.map(|Ticket(ticket)| ticket));
    }

    /// Whether the one that looks must leave `want` to one that goes first.
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
    pub(crate) fn note_lack(&mut self, want: W, bytes: usize) {
        self.lack = Some((want, bytes));
    }

    pub(super) fn lack_of(&self, want: W) -> usize {
        self.lack.filter(|(wanted, _)| *wanted == want).map_or(0, |(_, bytes)| bytes)
    }

    /// Whether somebody waits for `want` who lacks memory, or observes and has seen that it is not met.
    pub(crate) fn awaits_memory(&self, want: W) -> bool {
        let driver = self.driving.iter().any(|driving| driving.wants == Some(want) && driving.lack > 0);
        driver
            || self.waiters.values().any(|waiter| waiter.want == want && waiter.lack > 0)
            || self.tasks.lack(want)
            || self.signals.any_is_clear(want)
    }

    /// The one that waits for `want` was overtaken for long: it goes first from now on, in its place or as the driver.
    pub(crate) fn prioritize(&mut self, want: W, ticket: Option<Ticket>, drives: bool) -> Ticket {
        let ticket = ticket.unwrap_or_else(|| self.number());
        if let Some(driving) = self.driving.as_mut().filter(|_| drives) {
            driving.ticket = Some(ticket);
        }
        self.priority.take(want, ticket.0, self.lack_of(want));
        ticket
    }

    /// A future becomes a waiter, or waits on in its old place with a new waker. It must have looked at what it wants under
    /// this same lock. The waker that it had, to be dropped after unlocking.
    pub(in super::super) fn enqueue_task(
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
    /// [`propagate_wakeup`](Self::propagate_wakeup).
    pub(in super::super) fn dequeue_task(&mut self, want: W, ticket: Ticket) -> Option<Waker> {
        self.tasks.remove(want, ticket.0)
    }

    /// From now on this signal is set whenever `want` may be met.
    pub(crate) fn subscribe(&mut self, want: W, signal: Arc<ReadinessSignal>, ready: bool) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.signals.subscribe(want, ticket, signal);
        if ready {
            self.wakeups.wakes.extend(self.signals.set(Some(want)).map(Wake::Observer));
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
    pub(crate) fn clear_ready(&mut self, want: W) {
        if !self.signals.is_empty() {
            self.wakeups.wakes.extend(self.signals.clear(want).map(Wake::Observer));
        }
    }

    /// Whether somebody waits, as a thread or as a future, for what passes this test.
    pub(crate) fn awaits(&self, test: impl Fn(W) -> bool) -> bool {
        self.wants().any(test)
    }

    /// What threads and futures wait for. A thread that was signalled is among them until it has run, and a future is not.
    pub(crate) fn wants(&self) -> impl Iterator<Item = W> {
        let driver = self.driving.iter().filter_map(|driving| driving.wants);
        let threads = self.waiters.values().map(|waiter| waiter.want);
        driver.chain(threads).chain(self.tasks.wants())
    }

    /// The waiter runs again: it is no waiter any more. It must look at what it wanted, and then call
    /// [`propagate_wakeup`](Self::propagate_wakeup), or wait anew, or take the seat.
    /// Whether it was signalled.
    pub(crate) fn dequeue(&mut self, ticket: Ticket) -> bool {
        let signalled = self.waiters.remove(&ticket.0).is_some_and(|waiter| waiter.signalled);
        self.signalled -= usize::from(signalled);
        signalled
    }
}
