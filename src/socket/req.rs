use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hubless_protocol::patterns::{self, Balance, Ending, Inbox, Key, ReqOptions};

use super::builder::Builder;
use super::future::{RecvAnswer, RequestAnswer, SendRequest};
use super::verbs::socket;
use super::{CanRecv, CanSend, Handle, Patience, Receiving, Sending, Subject, Waits};
use crate::Message;
use crate::engine::{Answered, Ready, Taken, WaitSlot, Want, seed};
use crate::error::{Error, SendError};
use crate::human::duration;

/// Sends requests: each goes to one of the connected [`Rep`](crate::Rep)s, and its answer comes back to the caller.
///
/// Any number of requests may be open at once, from any thread; there is no lock-step. A request whose peer goes away is
/// sent to another at once, and one that stays unanswered is sent again after a minute (see
/// [`resend`](Builder::resend)), so the work may be done twice; the answer is given once.
///
/// ```
/// use hubless::{Rep, Req};
///
/// let rep = Rep::new()?;
/// let at = rep.listen("inproc://req-example")?;
/// std::thread::spawn(move || {
///     for request in rep.iter() {
///         let answer = format!("{} yourself", request.as_str().unwrap());
///         request.reply(answer).unwrap();
///     }
/// });
/// let req = Req::new()?;
/// req.dial(at.address())?;
/// assert_eq!(req.request("hello")?, "hello yourself");
///
/// let (a, b) = (req.send("a")?, req.send("b")?);
/// assert_eq!(b.recv()?, "b yourself");
/// assert_eq!(a.recv()?, "a yourself");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Req(Handle<patterns::Req>);

socket!(Req, "Req", patterns::Req, RequestOptions, |own: RequestOptions| patterns::Req::new(seed(), own.0));

/// Settings of a REQ.
#[derive(Debug)]
#[allow(unnameable_types, reason = "set through the builder only")]
pub struct RequestOptions(ReqOptions);

impl Default for RequestOptions {
    fn default() -> Self {
        Self(ReqOptions {
            resend: Some(Duration::from_secs(60)),
            deadline: None,
            open: 65_536,
            balance: Balance::RoundRobin,
        })
    }
}

impl Builder<Req> {
    /// After how long without an answer a request is sent again, to the next peer; default 60 s.
    ///
    /// For that it is kept until it is answered or given up, and counts in the memory of the context for so long. One that is
    /// larger than its share of that makes others that are too wait until then ([`deadline`](Self::deadline) bounds it).
    #[must_use]
    pub fn resend(mut self, after: Duration) -> Self {
        let shown = duration(after);
        self.check(!after.is_zero(), "resend", shown, "use `no_resend` to switch it off");
        self.own.0.resend = Some(after);
        self
    }

    /// Never sends a request twice. If its peer goes away it fails with [`Error::PeerLost`].
    #[must_use]
    pub fn no_resend(mut self) -> Self {
        self.own.0.resend = None;
        self
    }

    /// How long a request may go unanswered once a peer has it; default for ever. Then it fails with [`Error::Deadline`].
    ///
    /// While no peer is there, a blocking call waits no longer than that either, and fails with [`Error::Timeout`], unless
    /// [`send_timeout`](Builder::send_timeout) is set after this. A future has no such limit: [`Req::request_async`] waits for
    /// a peer for ever, so put a timeout of your runtime around it.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        let shown = duration(deadline);
        self.check(!deadline.is_zero(), "deadline", shown, "no answer could come in no time");
        self.own.0.deadline = Some(deadline);
        self.options.send_timeout =
            Some(self.options.send_timeout.map_or(deadline, |timeout| timeout.min(deadline)));
        self
    }

    /// Which of the peers with room gets a request; default [`Balance::RoundRobin`].
    #[must_use]
    pub fn balance(mut self, balance: Balance) -> Self {
        self.own.0.balance = balance;
        self
    }

    /// How many requests may be open at once; default 65,536. Beyond, sending waits.
    #[must_use]
    pub fn max_open_requests(mut self, max: usize) -> Self {
        self.check(max > 0, "max_open_requests", max, "at least one request must be possible");
        self.own.0.open = max;
        self
    }
}

impl Req {
    /// Asks and waits for the answer: for a peer as long as the option `send_timeout` or `deadline` says, then for the answer as
    /// long as `recv_timeout` and `deadline` say.
    ///
    /// # Errors
    /// As [`send`](Self::send) and [`Pending::recv`].
    pub fn request(&self, message: impl Into<Message>) -> Result<Message, Error> {
        self.ask(message.into(), Patience::Option, true)?.recv()
    }

    /// Sends a request, waiting for a peer with room if it must, as long as the option `send_timeout` says. What is
    /// returned is the answer to come; dropping that cancels the request.
    ///
    /// # Errors
    /// With the message: [`Error::Timeout`], [`Error::Closed`], [`Error::Forked`], [`Error::Dead`].
    pub fn send(&self, message: impl Into<Message>) -> Result<Pending, SendError> {
        self.ask(message.into(), Patience::Option, false)
    }

    /// Sends a request if that is possible without waiting.
    ///
    /// # Errors
    /// [`Error::Full`] when it is not; otherwise as [`send`](Self::send).
    pub fn try_send(&self, message: impl Into<Message>) -> Result<Pending, SendError> {
        self.ask(message.into(), Patience::None, false)
    }

    /// Sends a request, waiting at most `timeout` for a peer with room.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_timeout(&self, message: impl Into<Message>, timeout: Duration) -> Result<Pending, SendError> {
        self.ask(message.into(), Patience::Timeout(timeout), false)
    }

    /// Sends a request, waiting until `deadline` at the latest for a peer with room.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_deadline(
        &self,
        message: impl Into<Message>,
        deadline: Instant,
    ) -> Result<Pending, SendError> {
        self.ask(message.into(), Patience::Deadline(deadline), false)
    }

    /// Sends a request, waiting for a peer with room if it must, as a [future](crate::future): without a time limit of its
    /// own. What it gives is the answer to come; dropping that cancels the request.
    ///
    /// # Errors
    /// With the message: [`Error::Closed`], [`Error::Forked`], [`Error::Dead`].
    pub fn send_async(&self, message: impl Into<Message>) -> SendRequest<'_> {
        SendRequest::new(self, message.into())
    }

    /// Asks and waits for the answer, as a [future](crate::future). The option [`deadline`](Builder::deadline) counts from when a
    /// peer has the request: while no peer is connected this waits for ever, unlike [`request`](Self::request). Dropped before its
    /// end it cancels the request.
    ///
    /// ```
    /// # hubless::Rep::new().map(|rep| {
    /// #     rep.listen("inproc://request-async-example").unwrap();
    /// #     std::thread::spawn(move || rep.iter().for_each(|request| request.reply("pong").unwrap()))
    /// # })?;
    /// let req = hubless::Req::new()?;
    /// req.dial("inproc://request-async-example")?;
    /// let answer = pollster::block_on(req.request_async("ping"))?;
    /// assert_eq!(answer, "pong");
    /// # Ok::<(), hubless::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`send_async`](Self::send_async) and [`Pending::recv_async`].
    pub fn request_async(&self, message: impl Into<Message>) -> RequestAnswer<'_> {
        RequestAnswer::new(self, message.into())
    }

    /// A descriptor that is readable while [`try_send`](Self::try_send) is worth a try: see [`Ready`](crate::Ready).
    ///
    /// # Errors
    /// [`Error::System`] when there are no descriptors left; [`Error::Forked`], [`Error::Dead`].
    pub fn send_ready(&self) -> Result<Ready, Error> {
        self.0.ready(Want::Room)
    }

    pub(super) fn poll_ask(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        message: &mut Message,
        expects: bool,
    ) -> Poll<Result<Pending, Error>> {
        let asked = ready!(self.0.socket().poll_ask(slot, context, message, expects));
        Poll::Ready(asked.map(|key| self.pending(key)))
    }

    fn pending(&self, key: Key) -> Pending {
        Pending { key, answered: AtomicBool::new(false), socket: self.0.clone() }
    }

    fn ask(&self, message: Message, patience: Patience, expects: bool) -> Result<Pending, SendError> {
        match self.0.ask(message, patience, expects) {
            Ok(key) => Ok(self.pending(key)),
            Err((error, message)) => Err(SendError { error, message }),
        }
    }
}

/// The answer to come of one request. Keeps the socket open. Dropping it cancels the request: a late answer is counted in
/// [`Drops::stray`](crate::Drops::stray).
#[must_use = "dropping it cancels the request"]
pub struct Pending {
    key: Key,
    /// The answer was taken, and the engine has forgotten the request.
    answered: AtomicBool,
    socket: Handle<patterns::Req>,
}

impl Pending {
    /// Waits for the answer, as long as the option `recv_timeout` says. After [`Error::Timeout`] it can be called again:
    /// the request goes on.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Deadline`], [`Error::PeerLost`]; [`Error::Answered`] when the answer was taken before;
    /// [`Error::Closed`], [`Error::Forked`], [`Error::Dead`].
    pub fn recv(&self) -> Result<Message, Error> {
        self.take(Patience::Option)
    }

    /// Takes the answer if it has arrived.
    ///
    /// # Errors
    /// [`Error::Empty`] when it has not; otherwise as [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Message, Error> {
        self.take(Patience::None)
    }

    /// Waits at most `timeout` for the answer.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Message, Error> {
        self.take(Patience::Timeout(timeout))
    }

    /// Waits until `deadline` at the latest for the answer.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Message, Error> {
        self.take(Patience::Deadline(deadline))
    }

    /// Waits for the answer, as a [future](crate::future): without a time limit but the request's own
    /// [`deadline`](Builder::deadline). Dropped before its end it loses nothing: the request goes on.
    ///
    /// # Errors
    /// [`Error::Deadline`], [`Error::PeerLost`]; [`Error::Answered`] when the answer was taken before; [`Error::Closed`],
    /// [`Error::Forked`], [`Error::Dead`].
    pub fn recv_async(&self) -> RecvAnswer<'_> {
        RecvAnswer::new(self)
    }

    /// A descriptor that is readable while [`try_recv`](Self::try_recv) is worth a try, also where it fails for good: see
    /// [`Ready`].
    ///
    /// # Errors
    /// [`Error::System`] when there are no descriptors left; [`Error::Forked`], [`Error::Dead`].
    pub fn recv_ready(&self) -> Result<Ready, Error> {
        self.socket.ready(Want::Message(Inbox::Keyed(self.key)))
    }

    pub(super) fn poll_answer(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
    ) -> Poll<Result<Message, Error>> {
        let taken = ready!(self.socket.socket().poll_answer(slot, context, self.key));
        Poll::Ready(taken.and_then(|taken| self.judge(taken)))
    }

    fn take(&self, patience: Patience) -> Result<Message, Error> {
        let socket = self.socket.socket();
        self.judge(socket.recv_answer(self.key, patience.until_received(socket))?)
    }

    fn judge<O>(&self, answered: Answered<O>) -> Result<Message, Error> {
        match answered {
            Ok(Taken { received, last, .. }) => {
                self.answered.store(last, Ordering::Relaxed);
                Ok(received.body)
            }
            Err(Ending::Deadline) => Err(Error::Deadline),
            Err(Ending::PeerLost) => Err(Error::PeerLost),
            Err(Ending::Complete) => Err(Error::Answered),
        }
    }
}

impl CanSend for Req {}

impl Sending for Req {
    fn sending(&self) -> Subject {
        self.0.subject(Want::Room)
    }
}

impl CanRecv for Pending {}

impl Receiving for Pending {
    fn receiving(&self) -> Subject {
        self.socket.subject(Want::Message(Inbox::Keyed(self.key)))
    }
}

impl Waits for Req {
    fn leave(&self, slot: &mut WaitSlot) {
        self.0.leave(slot);
    }
}

impl Waits for Pending {
    fn leave(&self, slot: &mut WaitSlot) {
        self.socket.socket().leave(slot);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let socket = self.socket.socket();
        if !*self.answered.get_mut() && socket.worker.check().is_ok() {
            socket.cancel(self.key, self.key);
        }
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({:#010x})", self.key)
    }
}
