//! The verbs of a socket for futures: each is one poll of what its blocking namesake waits for.

use std::task::{Context, Poll, ready};

use hubless_protocol::patterns::{Inbox, Key};

use super::calls::{Attempt, Ended, Socket};
use super::core::{Core, State, Want};
use super::inbox::{Answered, Inboxes, Received};
use super::listed::Listed;
use super::shared::AnySocket;
use super::wait::poll_wait;
use crate::error::Error;

/// A future's slot among those who wait at a socket.
pub(crate) type WaitSlot = poll_wait::WaitSlot<Want>;

impl<P: Listed> Socket<P> {
    /// Sends if there is room. With an error `outgoing` is what it was.
    pub(crate) fn poll_send(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        outgoing: &mut P::Outgoing,
    ) -> Poll<Result<P::Ticket, Error>> {
        self.poll_ask(slot, context, outgoing, false)
    }

    /// The same, for one who waits for the answer in the same future if it `expects` it.
    pub(crate) fn poll_ask(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        outgoing: &mut P::Outgoing,
        expects: bool,
    ) -> Poll<Result<P::Ticket, Error>> {
        let mut ticket = None;
        let send = &mut |core: &mut Core| {
            let (state, typed) = core.parts::<P>();
            ticket = typed.asking(expects, |typed| typed.send_again(state, outgoing)).ok();
            ticket.is_some()
        };
        ready!(self.poll_room(slot, context, send))?;
        Poll::Ready(ticket.ok_or(Error::Full))
    }

    /// Sends those of the batch for which there is room, in order; how many. With an error they are what they were, and
    /// so are those that were not sent.
    pub(crate) fn poll_send_many(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        batch: &mut [P::Outgoing],
    ) -> Poll<Result<usize, Error>> {
        let [first, rest @ ..] = batch else { return Poll::Ready(Ok(0)) };
        let mut count = 0;
        let send = &mut |core: &mut Core| {
            let (state, typed) = core.parts::<P>();
            if typed.send_again(state, first).is_err() {
                return false;
            }
            count = 1 + rest.iter_mut().map_while(|next| typed.send(state, next).ok()).count();
            true
        };
        ready!(self.poll_room(slot, context, send))?;
        Poll::Ready(Ok(count))
    }

    /// Takes a message of the socket's own inbox, and with the lock held makes of it what the caller gets.
    pub(crate) fn poll_recv<T>(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Poll<Result<T, Error>> {
        self.poll_taking(slot, Inbox::Socket, context, |inboxes, state| inboxes.take_one(state, &make))
    }

    /// Takes at least one and at most `most` messages of the socket's own inbox.
    pub(crate) fn poll_recv_many<T>(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        most: usize,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Poll<Result<Vec<T>, Error>> {
        self.poll_taking(slot, Inbox::Socket, context, |inboxes, state| inboxes.take_many(state, most, &make))
    }

    /// Takes an answer to the request or survey `key`; what ended it when there will be none.
    pub(crate) fn poll_answer(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        key: Key,
    ) -> Poll<Result<Answered<P::Origin>, Error>> {
        self.poll_taking(slot, Inbox::Keyed(key), context, |inboxes, state| inboxes.take_answer(state, key))
    }

    fn poll_taking<T>(
        &self,
        slot: &mut WaitSlot,
        inbox: Inbox,
        context: &Context<'_>,
        take: impl Fn(&mut Inboxes<P::Origin>, &mut State) -> Option<(T, bool)>,
    ) -> Poll<Result<T, Error>> {
        let want = Want::Message(inbox);
        let mut taken = None;
        let attempt = &mut |core: &mut Core| {
            core.attempt_recv(want, true, |core| {
                let (state, typed) = core.parts::<P>();
                taken = take(&mut typed.inboxes, state);
                taken.as_ref().map(|(_, more)| *more)
            })
        };
        ready!(self.poll(slot, want, context, attempt))?;
        Poll::Ready(taken.map(|(message, _)| message).ok_or(Error::Empty))
    }
}

impl AnySocket {
    /// Whether there are `wanted` peers.
    pub(crate) fn poll_peers(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        wanted: usize,
    ) -> Poll<Result<(), Error>> {
        self.poll(slot, Want::Peers, context, &mut |core| core.attempt_peers(wanted))
    }

    /// A future is dropped that may have waited.
    pub(crate) fn leave(&self, slot: &mut WaitSlot) {
        // In the child of a fork the lock may be held by a thread that is not there.
        if self.worker.check().is_ok() {
            poll_wait::leave(self, slot);
        }
    }

    fn poll_room(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        send: &mut dyn FnMut(&mut Core) -> bool,
    ) -> Poll<Result<(), Error>> {
        self.poll(slot, Want::Room, context, &mut |core| core.attempt_send(&mut *send))
    }

    fn poll(
        &self,
        slot: &mut WaitSlot,
        want: Want,
        context: &Context<'_>,
        attempt: &mut dyn FnMut(&mut Core) -> Attempt,
    ) -> Poll<Result<(), Error>> {
        if let Err(error) = self.worker.check() {
            return Poll::Ready(Err(error));
        }
        match poll_wait::poll_wait(self, slot, want, context.waker(), attempt) {
            Some(Ended::Found) => Poll::Ready(Ok(())),
            Some(Ended::Closed) => Poll::Ready(Err(self.over())),
            None => Poll::Pending,
        }
    }
}
