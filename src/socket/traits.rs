//! What sockets have in common, for code that is to work with several types of them.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use hubless_protocol::patterns::Pattern;

use super::builder::Builder;
use super::future::{CloseSocket, RecvMany, RecvMessage, SendMany, SendMessage, WaitForPeers};
#[cfg(feature = "futures")]
use super::future::{RecvStream, SendSink};
use super::iter::Iter;
use super::sealed::{Incoming, Opens};
use super::{CanRecv, CanSend, Patience, Unsent};
use crate::engine::{CloseReport, Dialer, Listener, Monitor, Ready, Want};
use crate::error::{Error, SendError};
use crate::stats::Stats;
use crate::traffic::PipeStats;
use crate::transport::{Dialable, Listenable};

/// What every socket has: its connections, its counters, its end. For code that is generic over the type of socket; each type has
/// the same methods of its own, so nothing needs to be imported to call them. They do the same, and are documented there.
/// Implemented by the sockets of this crate only.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Error, Listener, Pull, Rep, Socket};
///
/// /// Opens a socket that listens, with the settings of our program.
/// fn listening<S: Socket>(address: &str) -> Result<(S, Listener), Error> {
///     let socket = S::builder().max_connections(100).linger(Duration::from_secs(5)).build()?;
///     let listener = socket.listen(address)?;
///     Ok((socket, listener))
/// }
///
/// let (jobs, _) = listening::<Pull>("inproc://socket-trait-jobs")?;
/// let (questions, _) = listening::<Rep>("inproc://socket-trait-questions")?;
/// assert_eq!(jobs.stats().received + questions.stats().received, 0);
/// # Ok::<(), Error>(())
/// ```
///
/// It cannot be implemented elsewhere:
///
/// ```compile_fail
/// #[derive(Debug, Clone)]
/// struct Mine;
///
/// impl hubless::Socket for Mine {}
/// ```
pub trait Socket: Opens + Clone + Debug + Send + Sync + 'static {
    /// Settings for a socket.
    fn builder() -> Builder<Self> {
        Builder::new()
    }

    /// Opens a socket in the default context, with default settings.
    ///
    /// # Errors
    /// When the default context cannot be made: the system refuses a thread or a descriptor.
    fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Takes peers at an address or endpoint: see [`Push::listen`](crate::Push::listen).
    ///
    /// # Errors
    /// As there.
    fn listen(&self, at: impl Listenable) -> Result<Listener, Error> {
        self.handle().listen(at)
    }

    /// Connects to an address or endpoint: see [`Push::dial`](crate::Push::dial).
    ///
    /// # Errors
    /// As there.
    fn dial(&self, at: impl Dialable) -> Result<Dialer, Error> {
        self.handle().dial(at)
    }

    /// Waits until `count` peers are connected: see [`Push::wait_for_peers`](crate::Push::wait_for_peers).
    ///
    /// # Errors
    /// As there.
    fn wait_for_peers(&self, count: usize, timeout: Duration) -> Result<(), Error> {
        self.handle().wait_for_peers(count, timeout)
    }

    /// The same as a [future](crate::future), without a time limit of its own.
    ///
    /// # Errors
    /// See [`Push::wait_for_peers_async`](crate::Push::wait_for_peers_async).
    fn wait_for_peers_async(&self, count: usize) -> WaitForPeers<'_> {
        self.handle().wait_for_peers_async(count)
    }

    /// What the socket has counted so far. Never blocks.
    fn stats(&self) -> Stats {
        self.handle().stats()
    }

    /// The live peers one by one. Never blocks.
    fn pipes(&self) -> Vec<PipeStats> {
        self.handle().pipes()
    }

    /// Watches the socket from now on: see [`Monitor`]. Up to 1000 events wait to be taken.
    fn monitor(&self) -> Monitor {
        self.handle().monitor(1000)
    }

    /// The same, where up to `events` events wait to be taken; at least one always can.
    fn monitor_with_capacity(&self, events: usize) -> Monitor {
        self.handle().monitor(events)
    }

    /// Closes the socket for all its handles, within `timeout`: see [`Push::close`](crate::Push::close).
    ///
    /// # Errors
    /// As there.
    fn close(&self, timeout: Duration) -> Result<CloseReport, Error> {
        self.handle().close(timeout)
    }

    /// The same as a [future](crate::future), which blocks no executor: see [`Push::close_async`](crate::Push::close_async).
    ///
    /// # Errors
    /// As there.
    fn close_async(&self, timeout: Duration) -> CloseSocket<'_> {
        self.handle().close_async(timeout)
    }
}

/// Sockets that send messages to which no answer comes back: [`Push`](crate::Push), [`Pub`](crate::Pub),
/// [`Pair`](crate::Pair), [`Bus`](crate::Bus), and raw ones. What a [`Req`](crate::Req) or [`Surveyor`](crate::Surveyor) sends has an
/// answer, so they are none. The methods are those that each such type has by itself, and are documented at
/// [`Push`](crate::Push). Implemented by the sockets of this crate only.
///
/// ```
/// use hubless::{Error, Message, Pair, Pub, SendSocket};
///
/// fn greet(socket: &impl SendSocket<Outgoing = Message>) -> Result<usize, Error> {
///     Ok(socket.send_many(["good", "morning"])?)
/// }
///
/// assert_eq!(greet(&Pub::new()?)?, 2);
/// let alone = Pair::builder().send_timeout(std::time::Duration::ZERO).build()?;
/// assert!(greet(&alone).is_err()); // nobody is there
/// # Ok::<(), Error>(())
/// ```
///
/// A socket whose messages have answers is refused by the compiler:
///
/// ```compile_fail
/// fn sends(_: &impl hubless::SendSocket) {}
/// sends(&hubless::Req::new().unwrap());
/// ```
pub trait SendSocket: Socket + CanSend
where
    Self: Opens<Pattern: Pattern<Outgoing = <Self as SendSocket>::Outgoing, Ticket = ()>>,
{
    /// What is sent: a [`Message`](crate::Message), or by a raw socket a [`Packet`](crate::transport::Packet).
    type Outgoing: Default + Unpin + Send + Sync + 'static;

    /// Sends, waiting for room as long as the option `send_timeout` says.
    ///
    /// # Errors
    /// See [`Push::send`](crate::Push::send).
    #[inline]
    fn send(&self, message: impl Into<Self::Outgoing>) -> Result<(), SendError<Self::Outgoing>> {
        self.handle().send_message(message.into(), Patience::Option)
    }

    /// Sends if that is possible without waiting.
    ///
    /// # Errors
    /// See [`Push::try_send`](crate::Push::try_send).
    fn try_send(&self, message: impl Into<Self::Outgoing>) -> Result<(), SendError<Self::Outgoing>> {
        self.handle().send_message(message.into(), Patience::None)
    }

    /// Sends, waiting for room at most `timeout`.
    ///
    /// # Errors
    /// See [`Push::send_timeout`](crate::Push::send_timeout).
    fn send_timeout(
        &self,
        message: impl Into<Self::Outgoing>,
        timeout: Duration,
    ) -> Result<(), SendError<Self::Outgoing>> {
        self.handle().send_message(message.into(), Patience::Timeout(timeout))
    }

    /// Sends, waiting for room until `deadline` at the latest.
    ///
    /// # Errors
    /// See [`Push::send_deadline`](crate::Push::send_deadline).
    fn send_deadline(
        &self,
        message: impl Into<Self::Outgoing>,
        deadline: Instant,
    ) -> Result<(), SendError<Self::Outgoing>> {
        self.handle().send_message(message.into(), Patience::Deadline(deadline))
    }

    /// Sends all messages in order; how many.
    ///
    /// # Errors
    /// See [`Push::send_many`](crate::Push::send_many).
    #[expect(clippy::type_complexity, reason = "as the method of each socket has it")]
    fn send_many<I>(&self, messages: I) -> Result<usize, SendError<Unsent<I::IntoIter, Self::Outgoing>>>
    where
        I: IntoIterator<Item: Into<Self::Outgoing>>,
    {
        self.handle().send_many(messages.into_iter())
    }

    /// Sends as a [future](crate::future).
    ///
    /// # Errors
    /// See [`Push::send_async`](crate::Push::send_async).
    fn send_async(&self, message: impl Into<Self::Outgoing>) -> SendMessage<'_, Self::Outgoing> {
        self.handle().send_async(message.into())
    }

    /// Sends all messages of `messages` in order, as a [future](crate::future); what is sent leaves the queue.
    ///
    /// # Errors
    /// See [`Push::send_many_async`](crate::Push::send_many_async).
    fn send_many_async<'a>(
        &'a self,
        messages: &'a mut VecDeque<Self::Outgoing>,
    ) -> SendMany<'a, Self::Outgoing> {
        self.handle().send_many_async(messages)
    }

    /// A descriptor that is readable while [`try_send`](Self::try_send) is worth a try: see [`Ready`].
    ///
    /// # Errors
    /// See [`Push::send_ready`](crate::Push::send_ready).
    fn send_ready(&self) -> Result<Ready, Error> {
        self.handle().ready(Want::Room)
    }

    /// A sink that sends, with a hold of its own on the socket. Of the cargo feature `futures`.
    #[cfg(feature = "futures")]
    fn sink(&self) -> SendSink<Self::Outgoing> {
        SendSink::new(self.handle().clone())
    }
}

/// Sockets that receive what comes by itself, and not as the answer to something of theirs: [`Pull`](crate::Pull),
/// [`Sub`](crate::Sub), [`Pair`](crate::Pair), [`Bus`](crate::Bus), [`Rep`](crate::Rep), [`Respondent`](crate::Respondent), and raw
/// ones. The methods are those that each such type has by itself, and are documented at [`Pull`](crate::Pull). Implemented by the
/// sockets of this crate only.
///
/// ```
/// use hubless::{Error, Message, Pair, Pull, Push, RecvSocket};
///
/// fn next_word(socket: &impl RecvSocket<Incoming = Message>) -> Result<String, Error> {
///     Ok(socket.recv()?.as_str().unwrap_or("?").to_owned())
/// }
///
/// let (pull, push) = (Pull::new()?, Push::new()?);
/// push.dial(pull.listen("inproc://recv-trait-example")?.address())?;
/// push.send("hello")?;
/// assert_eq!(next_word(&pull)?, "hello");
/// # Ok::<(), Error>(())
/// ```
pub trait RecvSocket: Socket + CanRecv {
    /// What is received: a [`Message`](crate::Message), a [`Request`](crate::Request), or by a raw socket a
    /// [`Packet`](crate::transport::Packet).
    type Incoming: Incoming<<Self as Opens>::Pattern> + Send + 'static;

    /// Receives, waiting for a message as long as the option `recv_timeout` says.
    ///
    /// # Errors
    /// See [`Pull::recv`](crate::Pull::recv).
    #[inline]
    fn recv(&self) -> Result<Self::Incoming, Error> {
        self.handle().recv(Patience::Option)
    }

    /// Receives what has arrived already.
    ///
    /// # Errors
    /// See [`Pull::try_recv`](crate::Pull::try_recv).
    #[inline]
    fn try_recv(&self) -> Result<Self::Incoming, Error> {
        self.handle().recv(Patience::None)
    }

    /// Receives, waiting at most `timeout`.
    ///
    /// # Errors
    /// See [`Pull::recv_timeout`](crate::Pull::recv_timeout).
    fn recv_timeout(&self, timeout: Duration) -> Result<Self::Incoming, Error> {
        self.handle().recv(Patience::Timeout(timeout))
    }

    /// Receives, waiting until `deadline` at the latest.
    ///
    /// # Errors
    /// See [`Pull::recv_deadline`](crate::Pull::recv_deadline).
    fn recv_deadline(&self, deadline: Instant) -> Result<Self::Incoming, Error> {
        self.handle().recv(Patience::Deadline(deadline))
    }

    /// Receives at least one, and as many as have arrived, up to `max`.
    ///
    /// # Errors
    /// See [`Pull::recv_many`](crate::Pull::recv_many).
    fn recv_many(&self, max: usize) -> Result<Vec<Self::Incoming>, Error> {
        self.handle().recv_many(max, Patience::Option)
    }

    /// Receives for ever, to the first error, which the iterator then has: see [`Iter`].
    fn iter(&self) -> Iter<'_, Self> {
        Iter::new(self)
    }

    /// Receives as a [future](crate::future).
    ///
    /// # Errors
    /// See [`Pull::recv_async`](crate::Pull::recv_async).
    fn recv_async(&self) -> RecvMessage<'_, Self::Incoming> {
        self.handle().recv_async()
    }

    /// Receives at least one, and as many as have arrived, up to `max`, as a [future](crate::future).
    ///
    /// # Errors
    /// See [`Pull::recv_many_async`](crate::Pull::recv_many_async).
    fn recv_many_async(&self, max: usize) -> RecvMany<'_, Self::Incoming> {
        self.handle().recv_many_async(max)
    }

    /// A descriptor that is readable while [`try_recv`](Self::try_recv) is worth a try: see [`Ready`].
    ///
    /// # Errors
    /// See [`Pull::recv_ready`](crate::Pull::recv_ready).
    fn recv_ready(&self) -> Result<Ready, Error> {
        self.handle().ready(Want::MESSAGE)
    }

    /// The messages as a stream, with a hold of its own on the socket. Of the cargo feature `futures`.
    #[cfg(feature = "futures")]
    fn stream(&self) -> RecvStream<Self::Incoming> {
        RecvStream::new(self.handle().clone())
    }
}
