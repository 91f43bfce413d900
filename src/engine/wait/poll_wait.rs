//! The way to wait without a thread: a future tries, else leaves its waker and sees that the background thread serves the
//! socket.
//!
//! A future never takes the seat. Nobody knows when it is polled again, so it could not keep it; and taking it from the
//! background thread for one round costs two calls of the system and a wake to give it back.

use std::task::Waker;

use super::block_on::Waitable;
use super::wait_queue::{Ticket, WaitQueue};

/// A future's slot among those who wait, kept from one poll to the next. One that drops it must [`leave`] first.
#[derive(Debug)]
pub(crate) struct WaitSlot<W>(Option<(W, Ticket)>);

impl<W> Default for WaitSlot<W> {
    fn default() -> Self {
        Self(None)
    }
}

/// Makes the `attempt` under the lock; with what it gives it says whether the next who wants the same may be lucky too. Where it
/// gives nothing, `waker` is woken when it is worth another poll.
pub(crate) fn poll_wait<H: Waitable, T>(
    host: &H,
    slot: &mut WaitSlot<H::Want>,
    want: H::Want,
    waker: &Waker,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    if slot.0.is_none() {
        let mut core = host.lock();
        let found = attempt(&mut core);
        wake_driver_if_noted::<H>(&mut core);
        host.release(core);
        if let Some((found, _)) = found {
            return Some(found);
        }
    }
    // Cloning and dropping a waker runs code of the user's, so that is done without the lock.
    let waker = waker.clone();
    let mut core = host.lock();
    H::wait_queue(&mut core).set_looking(slot.0.map(|(_, ticket)| ticket));
    let found = attempt(&mut core);
    H::wait_queue(&mut core).set_looking(None);
    if slot.0.is_some() == found.is_some() {
        let waited = slot.0.map_or(want, |(want, _)| want);
        H::future_waits(&mut core, waited, found.is_none());
    }
    let spent = match &found {
        Some((_, more)) => slot.leave(H::wait_queue(&mut core), *more),
        None => slot.take(H::wait_queue(&mut core), want, waker),
    };
    wake_driver_if_noted::<H>(&mut core);
    host.release(core);
    drop(spent);
    found.map(|(found, _)| found)
}

/// What the attempt noted, such as a paused pipe that is to be read again, is not left to who sits down next: it may be that
/// nobody does.
fn wake_driver_if_noted<H: Waitable>(core: &mut H::Core) {
    if H::is_noted(core) {
        H::wait_queue(core).wake_driver();
    }
}

/// The future is dropped. If it was signalled, the next is signalled in its slot.
pub(crate) fn leave<H: Waitable>(host: &H, slot: &mut WaitSlot<H::Want>) {
    if slot.0.is_some() {
        let mut core = host.lock();
        let waited = slot.0;
        let spent = slot.give_up(H::wait_queue(&mut core));
        if let Some((want, _)) = waited {
            H::future_waits(&mut core, want, false);
        }
        wake_driver_if_noted::<H>(&mut core);
        host.release(core);
        drop(spent);
    }
}

impl<W: Copy + Ord> WaitSlot<W> {
    /// Waits from now on, or goes on to; the waker that is no longer needed. One that was signalled has none any more, and there
    /// may be something for another.
    fn take<D>(&mut self, queue: &mut WaitQueue<D, W>, want: W, waker: Waker) -> Option<Waker> {
        let before = self.0.map(|(_, ticket)| ticket);
        let (ticket, spent) = queue.enqueue_task(want, before, waker);
        self.0 = Some((want, ticket));
        if before.is_some() && spent.is_none() {
            queue.forward_wakeup(want, before, false);
        }
        spent
    }

    /// Has found what it waited for; the waker that is no longer needed.
    fn leave<D>(&mut self, queue: &mut WaitQueue<D, W>, more: bool) -> Option<Waker> {
        let (want, ticket) = self.0.take()?;
        let spent = queue.dequeue_task(want, ticket);
        queue.propagate_wakeup(want, None, more, None);
        spent
    }

    /// Waits no longer; the waker that is no longer needed.
    fn give_up<D>(&mut self, queue: &mut WaitQueue<D, W>) -> Option<Waker> {
        let (want, ticket) = self.0.take()?;
        let spent = queue.dequeue_task(want, ticket);
        queue.give_up(want, Some(ticket), spent.is_none(), false);
        spent
    }
}
