//! What every typed socket is made of: a counted hold on an engine socket. What a socket can do is written here once for all patterns;
//! the typed sockets and the traits only give it names.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::{Duration, Instant};

use hubless_transport::{Dialable, Listenable};
use smallvec::SmallVec;

use super::Unsent;
use super::endpoints::Endpoints;
use super::future::{CloseSocket, RecvMany, RecvMessage, SendMany, SendMessage, WaitForPeers};
use super::poller::sealed::Subject;
use super::sealed::Incoming;
use super::waiting::{Closes, Meets, Receives, Sends, Waits};
use crate::engine::{
    AnySocket, CloseReport, Completion, Context, Dialer, Listed, Listener, Monitor, Observable, Ready,
    Socket, SocketOptions, Until, WaitSlot, Want,
};
use crate::error::{Error, SendError};
use crate::stats::Stats;
use crate::traffic::PipeStats;

/// Messages that `send_many` and its like queue in one go.
pub(super) const BATCH: usize = 64;

/// A hold on a socket. The socket stays open while there is one; when the last goes, it closes in the background and
/// lingers.
#[allow(unnameable_types, reason = "it is part of the seal of `Socket`")]
pub struct Handle<P: Listed>(Arc<Hold<P>>);

struct Hold<P: Listed> {
    socket: Socket<P>,
    endpoints: Endpoints,
}

impl<P: Listed> Handle<P> {
    pub(crate) fn open(context: Context, pattern: P, options: SocketOptions) -> Self {
        let socket = context.open(pattern, options);
        Self(Arc::new(Hold { socket, endpoints: Endpoints::of(context) }))
    }

    pub(crate) fn socket(&self) -> &Socket<P> {
        &self.0.socket
    }

    /// The socket as one that can be watched.
    pub(crate) fn watched(&self) -> Arc<dyn Observable> {
        Arc::clone(self.socket()) as _
    }

    /// What a poller waits for here.
    pub(crate) fn subject(&self, want: Want) -> Subject {
        Subject(self.watched(), want)
    }

    /// A descriptor that shows whether this may be had.
    pub(crate) fn ready(&self, want: Want) -> Result<Ready, Error> {
        self.socket().worker.check()?;
        Ready::new(self.watched(), want)
    }

    pub(crate) fn listen(&self, at: impl Listenable) -> Result<Listener, Error> {
        self.0.endpoints.listen(self.socket(), at.listening())
    }

    pub(crate) fn dial(&self, at: impl Dialable) -> Result<Dialer, Error> {
        self.0.endpoints.dial(self.socket(), at.dialing())
    }

    pub(crate) fn wait_for_peers(&self, count: usize, timeout: Duration) -> Result<(), Error> {
        let waited = self.socket().wait_for_peers(count, timeout);
        waited.map_err(|error| self.explain(error))
    }

    pub(crate) fn wait_for_peers_async(&self, count: usize) -> WaitForPeers<'_> {
        WaitForPeers::new(self, count)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.socket().stats()
    }

    pub(crate) fn pipes(&self) -> Vec<PipeStats> {
        self.socket().pipes()
    }

    pub(crate) fn monitor(&self, capacity: usize) -> Monitor {
        self.socket().monitor(capacity)
    }

    pub(crate) fn close(&self, timeout: Duration) -> Result<CloseReport, Error> {
        let socket = self.socket();
        socket.worker.check()?;
        Ok(socket.close(timeout))
    }

    pub(crate) fn close_async(&self, timeout: Duration) -> CloseSocket<'_> {
        CloseSocket::new(self, timeout)
    }

    pub(crate) fn send(
        &self,
        outgoing: P::Outgoing,
        patience: Patience,
    ) -> Result<P::Ticket, (Error, P::Outgoing)> {
        self.ask(outgoing, patience, false)
    }

    /// The same, for one who waits for the answer in the same call if it `expects` it.
    #[inline]
    pub(crate) fn ask(
        &self,
        outgoing: P::Outgoing,
        patience: Patience,
        expects: bool,
    ) -> Result<P::Ticket, (Error, P::Outgoing)> {
        let socket = self.socket();
        let until = || patience.until(socket, socket.options.send_timeout);
        let sent = socket.send(outgoing, until, expects);
        sent.map_err(|(error, outgoing)| (self.explain(error), outgoing))
    }

    #[inline]
    pub(crate) fn recv<T: Incoming<P>>(&self, patience: Patience) -> Result<T, Error> {
        let socket = self.socket();
        let until = || patience.until_received(socket);
        socket.recv(until, |received| T::new(self, received), |error| self.explain(error))
    }

    /// A call that waited says for whom, where it had no peer. One that found nothing without waiting says so at once.
    #[inline]
    fn explain(&self, error: Error) -> Error {
        match error {
            Error::Timeout { .. } => self.0.endpoints.explain(self.socket(), error),
            other => other,
        }
    }

    pub(crate) fn recv_many<T: Incoming<P>>(&self, max: usize, patience: Patience) -> Result<Vec<T>, Error> {
        if max == 0 {
            return Ok(Vec::new());
        }
        let until = patience.until_received(self.socket());
        let received = self.socket().recv_many(max, until, |received| T::new(self, received));
        received.map_err(|error| self.explain(error))
    }

    pub(crate) fn recv_async<T: Incoming<P>>(&self) -> RecvMessage<'_, T> {
        RecvMessage::new(self)
    }

    pub(crate) fn recv_many_async<T: Incoming<P>>(&self, max: usize) -> RecvMany<'_, T> {
        RecvMany::new(self, max)
    }

    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.socket(), name, f)
    }
}

fn show(socket: &AnySocket, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let stats = socket.stats();
    f.debug_struct(name)
        .field("id", &socket.id)
        .field("pipes", &stats.pipes)
        .field("send_queue", &stats.send_queue)
        .field("recv_queue", &stats.recv_queue)
        .finish_non_exhaustive()
}

impl<P: Listed<Ticket = ()>> Handle<P> {
    #[inline]
    pub(crate) fn send_message(
        &self,
        message: P::Outgoing,
        patience: Patience,
    ) -> Result<(), SendError<P::Outgoing>> {
        self.send(message, patience).map_err(|(error, message)| SendError { error, message })
    }

    pub(crate) fn send_async(&self, message: P::Outgoing) -> SendMessage<'_, P::Outgoing> {
        SendMessage::new(self, message)
    }

    pub(crate) fn send_many_async<'a>(
        &'a self,
        messages: &'a mut VecDeque<P::Outgoing>,
    ) -> SendMany<'a, P::Outgoing> {
        SendMany::new(self, messages)
    }

    /// Sends batch by batch, each under one lock.
    pub(crate) fn send_many<I>(&self, messages: I) -> Result<usize, SendError<Unsent<I, P::Outgoing>>>
    where
        P::Outgoing: Default,
        I: Iterator<Item: Into<P::Outgoing>>,
    {
        let mut rest = messages;
        let mut sent = 0;
        loop {
            let mut batch: SmallVec<[P::Outgoing; BATCH]> =
                rest.by_ref().take(BATCH).map(Into::into).collect();
            if batch.is_empty() {
                return Ok(sent);
            }
            let mut done = 0;
            loop {
                done += self.socket().send_batch(&mut batch[done..]);
                let Some(next) = batch.get_mut(done) else { break };
                if let Err(SendError { error, message }) =
                    self.send_message(std::mem::take(next), Patience::Option)
                {
                    let taken = std::iter::once(message).chain(batch.drain(done + 1..)).rev().collect();
                    return Err(SendError { error, message: Unsent { taken, rest } });
                }
                done += 1;
            }
            sent += done;
        }
    }
}

impl<P: Listed> Waits for Handle<P> {
    fn leave(&self, slot: &mut WaitSlot) {
        self.socket().leave(slot);
    }
}

impl<P: Listed> Meets for Handle<P> {
    fn poll_peers(
        &self,
        slot: &mut WaitSlot,
        context: &task::Context<'_>,
        count: usize,
    ) -> Poll<Result<(), Error>> {
        self.socket().poll_peers(slot, context, count)
    }
}

impl<P: Listed, T: Incoming<P>> Receives<T> for Handle<P> {
    fn poll_recv(&self, slot: &mut WaitSlot, context: &task::Context<'_>) -> Poll<Result<T, Error>> {
        self.socket().poll_recv(slot, context, |received| T::new(self, received))
    }

    fn poll_recv_many(
        &self,
        slot: &mut WaitSlot,
        context: &task::Context<'_>,
        max: usize,
    ) -> Poll<Result<Vec<T>, Error>> {
        self.socket().poll_recv_many(slot, context, max, |received| T::new(self, received))
    }
}

impl<P: Listed<Ticket = ()>> Sends<P::Outgoing> for Handle<P> {
    fn poll_send(
        &self,
        slot: &mut WaitSlot,
        context: &task::Context<'_>,
        message: &mut P::Outgoing,
    ) -> Poll<Result<(), Error>> {
        self.socket().poll_send(slot, context, message)
    }

    fn poll_send_many(
        &self,
        slot: &mut WaitSlot,
        context: &task::Context<'_>,
        batch: &mut [P::Outgoing],
    ) -> Poll<Result<usize, Error>> {
        self.socket().poll_send_many(slot, context, batch)
    }
}

impl<P: Listed> Closes for Handle<P> {
    fn begin_close(&self, timeout: Duration) -> Result<Arc<Completion<CloseReport>>, Error> {
        self.socket().worker.check()?;
        self.socket().close_async(timeout).ok_or(Error::Closed)
    }
}

impl<P: Listed> Clone for Handle<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Listed> fmt::Debug for Handle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("Handle", f)
    }
}

impl<P: Listed> Drop for Hold<P> {
    fn drop(&mut self) {
        let_go(&self.socket);
    }
}

/// The last handle of a socket is gone.
fn let_go(socket: &AnySocket) {
    // In the child of a fork nothing is touched: the socket is the parent's.
    if socket.worker.check().is_ok() {
        socket.linger();
    }
}

/// How long a call waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// Not at all.
    None,
    /// As the socket's option says.
    Option,
    Timeout(Duration),
    Deadline(Instant),
}

impl Patience {
    /// The end of the wait, where `option` is the socket's; `None` not to wait.
    #[inline]
    fn until(self, socket: &AnySocket, option: Option<Duration>) -> Option<Until> {
        let clock = socket.clock;
        match self {
            Self::None => None,
            Self::Option => Some(Until::after(clock, option)),
            Self::Timeout(timeout) => Some(Until::after(clock, Some(timeout))),
            Self::Deadline(deadline) => Some(Until::deadline(clock, deadline)),
        }
    }

    /// The same for receiving.
    #[inline]
    pub(crate) fn until_received(self, socket: &AnySocket) -> Option<Until> {
        self.until(socket, socket.options.recv_timeout)
    }
}
