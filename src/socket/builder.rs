//! Settings of sockets.

use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::sealed::Options;
use super::traits::Socket;
use crate::engine::{Context, SocketOptions};
use crate::error::Error;
use crate::human::duration;

/// Settings of a socket of type `S`, each with its default; [`build`](Self::build) checks them and opens the socket.
///
/// ```
/// use std::time::Duration;
///
/// let push = hubless::Push::builder()
///     .send_buffer(100)
///     .linger(Duration::from_secs(5))
///     .build()?;
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Builder<S: Socket> {
    context: Option<Context>,
    pub(crate) options: SocketOptions,
    pub(crate) own: S::Own,
    wrong: Option<Error>,
}

impl<S: Socket> Builder<S> {
    pub(crate) fn new() -> Self {
        Self { context: None, options: SocketOptions::default(), own: S::Own::default(), wrong: None }
    }

    /// Opens the socket in this context. Default: the default context of the process.
    #[must_use]
    pub fn context(self, context: &Context) -> Self {
        Self { context: Some(context.clone()), ..self }
    }

    /// How many messages may wait to leave for one peer; default 1000. Beyond, sending waits or the message is dropped and
    /// counted, as the pattern has it.
    #[must_use]
    pub fn send_buffer(mut self, messages: usize) -> Self {
        self.check(messages > 0, "send_buffer", messages, "at least one message must fit");
        self.options.send_buffer.messages = messages;
        self
    }

    /// How many bytes may wait to leave for one peer; default 8 MiB. A single larger message still passes.
    #[must_use]
    pub fn send_buffer_bytes(mut self, bytes: usize) -> Self {
        self.check(bytes > 0, "send_buffer_bytes", bytes, "at least one byte must fit");
        self.options.send_buffer.bytes = bytes;
        self
    }

    /// How many messages of one peer may wait to be received; default 1000. Beyond, the peer is no longer read.
    #[must_use]
    pub fn recv_buffer(mut self, messages: usize) -> Self {
        self.check(messages > 0, "recv_buffer", messages, "at least one message must fit");
        self.options.recv_buffer.messages = messages;
        self
    }

    /// How many bytes of one peer may wait to be received; default 8 MiB. A single larger message still passes.
    #[must_use]
    pub fn recv_buffer_bytes(mut self, bytes: usize) -> Self {
        self.check(bytes > 0, "recv_buffer_bytes", bytes, "at least one byte must fit");
        self.options.recv_buffer.bytes = bytes;
        self
    }

    /// The largest message that is received, in bytes, header of the pattern included; default 16 MiB. A peer that
    /// announces a larger one is disconnected. `u64::MAX` is no limit. Not enforced over inproc, where the message exists
    /// already.
    #[must_use]
    pub fn max_message(mut self, bytes: u64) -> Self {
        self.check(bytes > 0, "max_message", bytes, "no message would fit; `u64::MAX` is no limit");
        self.options.max_message = bytes;
        self
    }

    /// How many peers may be connected through one listener, where [`Endpoint::max_connections`](crate::Endpoint::max_connections) and
    /// its like say nothing else; default 4096. A further one takes the place of the oldest that has not greeted yet, or is turned
    /// away if all have; either is counted in [`Refused::too_many`](crate::Refused::too_many), and tries again when it likes.
    /// Whatever is set here, all connections of the process together use no more than 80 % of the descriptors that it may have, and
    /// those from one network address no more than half of that.
    #[must_use]
    pub fn max_connections(mut self, max: usize) -> Self {
        self.check(max > 0, "max_connections", max, "at least one peer must be possible");
        self.options.max_connections = max;
        self
    }

    /// How long `send` and `send_many` wait for room; default for ever.
    #[must_use]
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.options.send_timeout = Some(timeout);
        self
    }

    /// How long `recv`, `recv_many` and iterators wait for a message; default for ever.
    #[must_use]
    pub fn recv_timeout(mut self, timeout: Duration) -> Self {
        self.options.recv_timeout = Some(timeout);
        self
    }

    /// The pauses before a dialer tries again, also where its connections end within 5 s of their beginning: random, at most the
    /// first after one failure, twice that after the next, never more than the last of the range; default 100 ms to 10 s. It begins
    /// anew when a connection has stood for 5 s. For one dialer, [`Endpoint::reconnect`](crate::Endpoint::reconnect) and its like
    /// say something else.
    #[must_use]
    pub fn reconnect(mut self, pauses: RangeInclusive<Duration>) -> Self {
        let (first, longest) = pauses.into_inner();
        let (shown, reason) = (
            format!("{} to {}", duration(first), duration(longest)),
            "the first must be positive and at most the last",
        );
        self.check(!first.is_zero() && first <= longest, "reconnect", shown, reason);
        self.options.reconnect_first = first;
        self.options.reconnect_most = longest;
        self
    }

    /// How long a peer may take from the connection to the end of its greeting, and to be let in; default 5 s.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        let shown = duration(timeout);
        self.check(!timeout.is_zero(), "handshake_timeout", shown, "no peer could greet in no time");
        self.options.handshake = timeout;
        self
    }

    /// How long the background goes on sending what is queued after the last handle was dropped; default 1 s.
    #[must_use]
    pub fn linger(mut self, linger: Duration) -> Self {
        self.options.linger = linger;
        self
    }

    /// Opens the socket.
    ///
    /// # Errors
    /// [`Error::Option`] for the first setting that is out of its range; [`Error::System`] when the default context cannot
    /// be made.
    pub fn build(self) -> Result<S, Error> {
        if let Some(error) = self.wrong {
            return Err(error);
        }
        let context = self.context.map_or_else(Context::default_context, Ok)?;
        Ok(S::open(context, Options(self.options), self.own))
    }

    /// Remembers the first setting that is wrong.
    pub(crate) fn check(
        &mut self,
        right: bool,
        option: &'static str,
        value: impl Display,
        reason: &'static str,
    ) {
        if !right && self.wrong.is_none() {
            self.wrong = Some(Error::Option { option, value: value.to_string(), reason });
        }
    }
}

impl<S: Socket> fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("options", &self.options)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}
