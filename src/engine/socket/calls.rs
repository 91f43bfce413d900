//! The calls of a socket whose pattern is known: sending and receiving.
//!
//! What succeeds at once is compiled for each pattern. One that has to wait hands the attempt to [`AnySocket`], which
//! waits the same way for all.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use hubless_protocol::patterns::{Full, Inbox, Key};

use super::burst;
use super::control::until::Until;
use super::core::{Core, Phase, State, Want};
use super::effects::Fx;
use super::inbox::{Answered, Inboxes, Received};
use super::listed::{Listed, ListedPattern};
use super::shared::AnySocket;
use super::typed::Typed;
use super::wait::block_on::{self, Waitable};
use crate::error::{Error, WaitingFor};

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// There was what it was for.
    Found,
    Closed,
}

/// What came of an attempt: the end of the wait, and whether the next who wants the same may be lucky too.
pub(super) type Attempt = Option<(Ended, bool)>;

/// A socket whose pattern is known.
pub(crate) struct Socket<P> {
    any: Arc<AnySocket>,
    pattern: PhantomData<fn() -> P>,
}

impl<P> Deref for Socket<P> {
    type Target = Arc<AnySocket>;

    #[inline]
    fn deref(&self) -> &Arc<AnySocket> {
        &self.any
    }
}

impl<P: Listed> Socket<P> {
    /// Has `open` make the socket of this pattern.
    pub(crate) fn open(pattern: P, open: impl FnOnce(ListedPattern) -> Arc<AnySocket>) -> Self {
        Self { any: open(P::list(Typed::new(pattern))), pattern: PhantomData }
    }

    /// Sends, waiting for room as long as `until` says, or not at all. What is not sent comes back. One who `expects`
    /// an answer waits for that in the same call.
    #[inline]
    pub(crate) fn send(
        &self,
        mut outgoing: P::Outgoing,
        until: impl FnOnce() -> Option<Until>,
        expects: bool,
    ) -> Result<P::Ticket, (Error, P::Outgoing)> {
        if let Err(error) = self.worker.check() {
            return Err((error, outgoing));
        }
        let mut core = self.lock();
        if core.state.phase != Phase::Open {
            return Err((self.over(), outgoing));
        }
        let (state, typed) = core.parts::<P>();
        let sent = typed.asking(expects, |typed| typed.send(state, &mut outgoing));
        self.unlock(core);
        match sent {
            Ok(ticket) => Ok(ticket),
            Err(Full) => self.send_waiting(outgoing, until(), expects),
        }
    }

    /// Sends one after the other, under one lock, until there is no room; how many.
    pub(crate) fn send_batch(&self, batch: &mut [P::Outgoing]) -> usize {
        if self.worker.check().is_err() {
            return 0;
        }
        let mut core = self.lock();
        let (state, typed) = core.parts::<P>();
        let open = if state.phase == Phase::Open { batch } else { &mut [] };
        let sent = open.iter_mut().map_while(|outgoing| typed.send(state, outgoing).ok()).count();
        self.unlock(core);
        sent
    }

    #[cold]
    fn send_waiting(
        &self,
        mut outgoing: P::Outgoing,
        until: Option<Until>,
        expects: bool,
    ) -> Result<P::Ticket, (Error, P::Outgoing)> {
        let mut ticket = None;
        let waited = self.wait(Want::Room, until.as_ref(), &mut |core| {
            core.attempt_send(|core| {
                let (state, typed) = core.parts::<P>();
                ticket = typed.asking(expects, |typed| typed.send_again(state, &mut outgoing)).ok();
                ticket.is_some()
            })
        });
        waited.and_then(|()| ticket.ok_or(Error::Full)).map_err(|error| (error, outgoing))
    }

    /// Takes a message of the socket's own inbox, and with the lock held makes of it what the caller gets: so it is
    /// moved once only. That holds where it is there at once; the error of a call that waited is `explain`ed.
    #[inline]
    pub(crate) fn recv<T>(
        &self,
        until: impl FnOnce() -> Option<Until>,
        make: impl Fn(Received<P::Origin>) -> T,
        explain: impl FnOnce(Error) -> Error,
    ) -> Result<T, Error> {
        self.worker.check()?;
        let mut core = self.lock();
        let (state, typed) = core.parts::<P>();
        if state.phase == Phase::Open
            && !state.wait_queue.bars(Want::MESSAGE)
            && let Some(received) = typed.inboxes.pop(state)
        {
            let result = make(received);
            self.unlock(core);
            return Ok(result);
        }
        drop(core);
        let waited =
            self.recv_waiting(Want::MESSAGE, until(), |inboxes, state| inboxes.take_one(state, &make));
        waited.map_err(explain)
    }

    /// Takes at least one and at most `most` messages of the socket's own inbox, and with the lock held makes of each
    /// what the caller gets.
    pub(crate) fn recv_many<T>(
        &self,
        most: usize,
        until: Option<Until>,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Result<Vec<T>, Error> {
        self.worker.check()?;
        self.recv_waiting(Want::MESSAGE, until, |inboxes, state| inboxes.take_many(state, most, &make))
    }

    /// Takes an answer to the request or survey `key`; what ended it when there will be none.
    pub(crate) fn recv_answer(&self, key: Key, until: Option<Until>) -> Result<Answered<P::Origin>, Error> {
        self.worker.check()?;
        let want = Want::Message(Inbox::Keyed(key));
        self.recv_waiting(want, until, |inboxes, state| inboxes.take_answer(state, key))
    }

    #[inline(never)]
    pub(super) fn recv_waiting<T>(
        &self,
        want: Want,
        until: Option<Until>,
        mut take: impl FnMut(&mut Inboxes<P::Origin>, &mut State) -> Option<(T, bool)>,
    ) -> Result<T, Error> {
        let waits = until.is_some();
        let mut taken = None;
        let waited = self.wait(want, until.as_ref(), &mut |core| {
            core.attempt_recv(want, waits, |core| {
                let (state, typed) = core.parts::<P>();
                taken = take(&mut typed.inboxes, state);
                taken.as_ref().map(|(_, more)| *more)
            })
        });
        match (taken, waited) {
            (Some((message, _)), _) => Ok(message),
            (None, waited) => Err(waited.err().unwrap_or(Error::Empty)),
        }
    }

    /// Lets the pattern act for the user: subscriptions.
    pub(crate) fn with_pattern<T>(
        &self,
        act: impl FnOnce(&mut P, &mut Fx<'_, P::Origin>) -> T,
    ) -> Result<T, Error> {
        self.worker.check()?;
        let mut core = self.lock();
        if core.state.phase != Phase::Open {
            return Err(self.over());
        }
        let (state, typed) = core.parts::<P>();
        let result = typed.step(state, act);
        self.release(core);
        Ok(result)
    }

    /// Nobody waits for the answers of `key` any more.
    pub(crate) fn cancel(&self, ticket: P::Ticket, key: Key) {
        let mut core = self.lock();
        let (state, typed) = core.parts::<P>();
        let left = typed.inboxes.close_answers(state, key);
        typed.step(state, |pattern, fx| pattern.cancel(ticket, fx));
        state.wait_queue.notify_one(Want::Room);
        self.release(core);
        drop(left);
    }
}

impl AnySocket {
    /// Attempts until it ends, as long as `until` says, or twice if that says nothing: `Full` or `Empty` then.
    pub(super) fn wait(
        &self,
        want: Want,
        until: Option<&Until>,
        attempt: &mut dyn FnMut(&mut Core) -> Attempt,
    ) -> Result<(), Error> {
        let ended = match until {
            Some(until) => block_on::block_on(self, want, until, attempt),
            None => block_on::try_once(self, want, attempt),
        };
        match (ended, until) {
            (Some(Ended::Found), _) => Ok(()),
            (Some(Ended::Closed), _) => Err(self.over()),
            (None, Some(until)) => Err(until.timed_out(awaited(want))),
            (None, None) if want == Want::Room => Err(Error::Full),
            (None, None) => Err(Error::Empty),
        }
    }
}

impl Core {
    /// One attempt of a sender who waits for room.
    #[inline]
    pub(super) fn attempt_send(&mut self, send: impl FnOnce(&mut Self) -> bool) -> Attempt {
        if self.state.phase != Phase::Open {
            return Some((Ended::Closed, true));
        }
        if !send(self) {
            self.state.plan_all_flushes();
            self.state.wait_queue.clear_ready(Want::Room);
            return None;
        }
        Some((Ended::Found, true))
    }

    /// One attempt of a receiver, who waits if it finds nothing, or does not. With what it takes it says whether the
    /// next may find something too.
    #[inline]
    pub(super) fn attempt_recv(
        &mut self,
        want: Want,
        waits: bool,
        take: impl FnOnce(&mut Self) -> Option<bool>,
    ) -> Attempt {
        if self.state.phase != Phase::Open {
            return Some((Ended::Closed, true));
        }
        let Some(more) = take(self) else {
            self.state.found_nothing(want, waits);
            return None;
        };
        Some((Ended::Found, more))
    }

    /// One look of somebody who waits for peers; who else waits looks for itself.
    pub(super) fn attempt_peers(&self, wanted: usize) -> Attempt {
        if self.state.phase != Phase::Open {
            return Some((Ended::Closed, true));
        }
        (self.state.table.len() >= wanted).then_some((Ended::Found, true))
    }
}

impl State {
    /// A receiver has found nothing.
    fn found_nothing(&mut self, want: Want, waits: bool) {
        if waits {
            burst::note_wait();
        } else {
            burst::note_empty_look();
        }
        // A caller that waits for an answer has its question out first.
        self.plan_all_flushes();
        self.wait_queue.clear_ready(want);
    }
}

/// What a caller waits for.
fn awaited(want: Want) -> WaitingFor {
    match want {
        Want::MESSAGE => WaitingFor::Message,
        Want::Message(_) => WaitingFor::Answer,
        Want::Room => WaitingFor::Room,
        Want::Peers => WaitingFor::Peers { present: 0, wanted: 0, addresses: Vec::new(), last_error: None },
    }
}
