//! The way to wait without a thread: a future tries, else leaves its waker and sees that the background thread serves the
//! socket.
//!
//! A future never takes the seat. Nobody knows when it is polled again, so it could not keep it; and taking it from the
//! background thread for one round costs two calls of the system and a wake to give it back.

use std::task::Waker;

use super::blocking::Host;
use super::turns::{Ticket, Turns};

/// A future's place among those who wait, kept from one poll to the next. Whoever drops it must [`leave`] first.
#[derive(Debug)]
pub(crate) struct Place<W>(Option<(W, Ticket)>);

impl<W> Default for Place<W> {
    fn default() -> Self {
        Self(None)
    }
}

/// Calls `attempt` under the lock; with what it gives it says whether the next who wants the same may be lucky too. Where it
/// gives nothing, `waker` is woken when it is worth another poll.
pub(crate) fn poll<H: Host, T>(
    host: &H,
    place: &mut Place<H::Want>,
    want: H::Want,
    waker: &Waker,
    mut attempt: impl FnMut(&mut H::Core) -> Option<(T, bool)>,
) -> Option<T> {
    if place.0.is_none() {
        let mut core = host.lock();
        let found = attempt(&mut core);
        nudge::<H>(&mut core);
        host.release(core);
        if let Some((found, _)) = found {
            return Some(found);
        }
    }
    // Cloning and dropping a waker runs code of the user's, so that is done without the lock.
    let waker = waker.clone();
    let mut core = host.lock();
    H::turns(&mut core).looks(place.0.map(|(_, ticket)| ticket));
    let found = attempt(&mut core);
    H::turns(&mut core).looks(None);
    let spent = match &found {
        Some((_, more)) => place.leave(H::turns(&mut core), *more),
        None => place.take(H::turns(&mut core), want, waker),
    };
    nudge::<H>(&mut core);
    host.release(core);
    drop(spent);
    found.map(|(found, _)| found)
}

/// What the attempt noted, such as a paused pipe that is to be read again, is not left to who sits down next: it may be that
/// nobody does.
fn nudge<H: Host>(core: &mut H::Core) {
    if H::is_noted(core) {
        H::turns(core).nudge();
    }
}

/// The future is dropped. If it was signalled, the next is signalled in its place.
pub(crate) fn leave<H: Host>(host: &H, place: &mut Place<H::Want>) {
    if place.0.is_some() {
        let mut core = host.lock();
        let spent = place.give_up(H::turns(&mut core));
        host.release(core);
        drop(spent);
    }
}

impl<W: Copy + Ord> Place<W> {
    /// Waits from now on, or goes on to; the waker that is no longer needed. One that was signalled has none any more, and there
    /// may be something for another.
    fn take<D>(&mut self, turns: &mut Turns<D, W>, want: W, waker: Waker) -> Option<Waker> {
        let before = self.0.map(|(_, ticket)| ticket);
        let (ticket, spent) = turns.enqueue_task(want, before, waker);
        self.0 = Some((want, ticket));
        if before.is_some() && spent.is_none() {
            turns.pass_over(want, before, false);
        }
        spent
    }

    /// Has found what it waited for; the waker that is no longer needed.
    fn leave<D>(&mut self, turns: &mut Turns<D, W>, more: bool) -> Option<Waker> {
        let (want, ticket) = self.0.take()?;
        let spent = turns.dequeue_task(want, ticket);
        turns.pass_on(want, None, more, None);
        spent
    }

    /// Waits no longer; the waker that is no longer needed.
    fn give_up<D>(&mut self, turns: &mut Turns<D, W>) -> Option<Waker> {
        let (want, ticket) = self.0.take()?;
        let spent = turns.dequeue_task(want, ticket);
        turns.gives_up(want, Some(ticket), spent.is_none(), false);
        spent
    }
}
