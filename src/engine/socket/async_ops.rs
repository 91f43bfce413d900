//! The verbs of a socket for futures: each is one poll of what its blocking namesake waits for.

use std::task::{Context, Poll};

use hubless_protocol::patterns::{Inbox, Key, Pattern};

use super::core::{Core, State, Want};
use super::inbox::{Answered, Received};
use super::shared::Socket;
use super::wait::poll_wait;
use crate::error::Error;

/// A future's slot among those who wait at a socket.
pub(crate) type WaitSlot = poll_wait::WaitSlot<Want>;

impl<P: Pattern> Socket<P> {
    /// Sends if there is room. With an error `outgoing` is what it was.
    #[inline]
    pub(crate) fn poll_send(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        outgoing: &mut P::Outgoing,
    ) -> Poll<Result<P::Ticket, Error>> {
        self.poll(slot, Want::Room, context, |core| self.attempt_send(core, outgoing))
    }

    /// The same, for one who waits for the answer in the same future if it `expects` it.
    pub(crate) fn poll_ask(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        outgoing: &mut P::Outgoing,
        expects: bool,
    ) -> Poll<Result<P::Ticket, Error>> {
        let attempt = |core: &mut Core<P>| core.asking(expects, |core| self.attempt_send(core, outgoing));
        self.poll(slot, Want::Room, context, attempt)
    }

    /// Sends those of the batch for which there is room, in order; how many. With an error they are what they were, and so are those
    /// that were not sent.
    pub(crate) fn poll_send_many(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        batch: &mut [P::Outgoing],
    ) -> Poll<Result<usize, Error>> {
        let [first, rest @ ..] = batch else { return Poll::Ready(Ok(0)) };
        self.poll(slot, Want::Room, context, |core| {
            let (sent, more) = self.attempt_send(core, first)?;
            let sent = sent.map(|_| 1 + rest.iter_mut().map_while(|next| core.send(next).ok()).count());
            Some((sent, more))
        })
    }

    /// Takes a message of the socket's own inbox, and with the lock held makes of it what the caller gets.
    #[inline]
    pub(crate) fn poll_recv<T>(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Poll<Result<T, Error>> {
        self.poll_taking(slot, Inbox::Socket, context, |state| state.take_one(&make))
    }

    /// Takes at least one and at most `most` messages of the socket's own inbox.
    pub(crate) fn poll_recv_many<T>(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        most: usize,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Poll<Result<Vec<T>, Error>> {
        self.poll_taking(slot, Inbox::Socket, context, |state| state.take_many(most, &make))
    }

    /// Takes an answer to the request or survey `key`; what ended it when there will be none.
    pub(crate) fn poll_answer(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        key: Key,
    ) -> Poll<Result<Answered<P::Origin>, Error>> {
        self.poll_taking(slot, Inbox::Keyed(key), context, |state| state.take_answer(key))
    }

    /// Whether there are `wanted` peers.
    pub(crate) fn poll_peers(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        wanted: usize,
    ) -> Poll<Result<(), Error>> {
        self.poll(slot, Want::Peers, context, |core| self.attempt_peers(core, wanted))
    }

    /// A future is dropped that may have waited.
    pub(crate) fn leave(&self, slot: &mut WaitSlot) {
        // In the child of a fork the lock may be held by a thread that is not there.
        if self.worker.check().is_ok() {
            poll_wait::leave(self, slot);
        }
    }

    fn poll_taking<T>(
        &self,
        slot: &mut WaitSlot,
        inbox: Inbox,
        context: &Context<'_>,
        take: impl Fn(&mut State<P::Origin>) -> Option<(T, bool)>,
    ) -> Poll<Result<T, Error>> {
        let want = Want::Message(inbox);
        self.poll(slot, want, context, |core| self.attempt_recv(core, want, true, &take))
    }

    #[inline]
    fn poll<T>(
        &self,
        slot: &mut WaitSlot,
        want: Want,
        context: &Context<'_>,
        attempt: impl FnMut(&mut Core<P>) -> Option<(Result<T, Error>, bool)>,
    ) -> Poll<Result<T, Error>> {
        if let Err(error) = self.worker.check() {
            return Poll::Ready(Err(error));
        }
        poll_wait::poll_wait(self, slot, want, context.waker(), attempt).map_or(Poll::Pending, Poll::Ready)
    }
}
