//! The futures of the `_async` verbs. They run under any executor, and need none of their own: the background thread of the
//! context serves the socket, and wakes them.
//!
//! * **They do nothing before they are first polled**, and then what their blocking namesakes do, with the same errors. There
//!   is no time limit: [`Builder::send_timeout`](crate::Builder::send_timeout) and
//!   [`Builder::recv_timeout`](crate::Builder::recv_timeout) are for the blocking verbs. Use your executor's timer, such as
//!   `tokio::time::timeout`.
//! * **Dropping one loses nothing**, whenever it is done. A message belongs to nobody until it is received, so one that
//!   receives and is dropped leaves it to the next. One that sends has sent the whole message if it was polled to its end,
//!   and nothing if not.
//! * They can be mixed with blocking calls on the same socket, from any thread. Of those who wait, the thread that reads the
//!   socket for all is served first, and then the one that has waited longest; so a thread that receives without a pause leaves
//!   little to futures.
//! * They are `Send`, and borrow their socket. To spawn one, move a clone of the socket into the task:
//!
//! ```
//! # fn spawn(task: impl Future<Output = ()> + Send + 'static) {
//! #     pollster::block_on(task)
//! # }
//! use hubless::{Pull, Push};
//!
//! let pull = Pull::new()?;
//! let at = pull.listen("inproc://future-example")?;
//! let push = Push::new()?;
//! push.dial(at.address())?;
//! push.send("job 1")?;
//! let jobs = pull.clone();
//! spawn(async move {
//!     assert_eq!(jobs.recv_async().await.unwrap(), "job 1");
//! });
//! # Ok::<(), hubless::Error>(())
//! ```
//!
//! With the cargo feature `futures` every socket that receives has a `stream()`, and every one that sends a `sink()`.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

pub use super::closing::CloseSockets;
use super::handle::BATCH;
#[cfg(feature = "futures")]
pub use super::stream::{RecvStream, SendSink};
use super::surveyor::{Answer, Survey};
use super::waiting::{Closes, Meets, Own, Receives, Sends, Waiting};
#[cfg(feature = "futures")]
pub use super::watching::EventStream;
pub use super::watching::RecvEvent;
use super::{Pending, Req};
use crate::Message;
use crate::engine::{CloseReport, Completion};
use crate::error::{Error, SendError};

/// Receives one message, or request, or packet.
#[must_use = "a future does nothing unless it is polled"]
pub struct RecvMessage<'a, T>(Waiting<&'a dyn Receives<T>>);

impl<'a, T> RecvMessage<'a, T> {
    pub(crate) fn new(socket: &'a dyn Receives<T>) -> Self {
        Self(Waiting::at(socket))
    }
}

impl<T> Future for RecvMessage<'_, T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Waiting { at, slot } = &mut self.0;
        at.poll_recv(slot, context)
    }
}

/// Receives several messages at a time.
#[must_use = "a future does nothing unless it is polled"]
pub struct RecvMany<'a, T> {
    waiting: Waiting<&'a dyn Receives<T>>,
    max: usize,
}

impl<'a, T> RecvMany<'a, T> {
    pub(crate) fn new(socket: &'a dyn Receives<T>, max: usize) -> Self {
        Self { waiting: Waiting::at(socket), max }
    }
}

impl<T> Future for RecvMany<'_, T> {
    type Output = Result<Vec<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let max = self.max;
        if max == 0 {
            return Poll::Ready(Ok(Vec::new()));
        }
        let Waiting { at, slot } = &mut self.waiting;
        at.poll_recv_many(slot, context, max)
    }
}

/// Sends one message or packet. Polled again after its end it sends nothing, and does not end again.
#[must_use = "a future does nothing unless it is polled"]
pub struct SendMessage<'a, M> {
    waiting: Waiting<&'a dyn Sends<M>>,
    message: Option<M>,
}

impl<'a, M> SendMessage<'a, M> {
    pub(crate) fn new(socket: &'a dyn Sends<M>, message: M) -> Self {
        Self { waiting: Waiting::at(socket), message: Some(message) }
    }
}

impl<M: Unpin> Future for SendMessage<'_, M> {
    type Output = Result<(), SendError<M>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting: Waiting { at, slot }, message } = &mut *self;
        send_held(message, |message| at.poll_send(slot, context, message))
    }
}

/// Sends several messages, batch by batch; how many. What is sent leaves the queue that it was given, so whatever ends it, an error or
/// being dropped, what was not sent is still there, in order.
#[must_use = "a future does nothing unless it is polled"]
pub struct SendMany<'a, M> {
    waiting: Waiting<&'a dyn Sends<M>>,
    messages: &'a mut VecDeque<M>,
    sent: usize,
}

/// Batches sent in one poll: then other tasks of the executor have their turn.
const BATCHES: usize = 16;

impl<'a, M> SendMany<'a, M> {
    pub(crate) fn new(socket: &'a dyn Sends<M>, messages: &'a mut VecDeque<M>) -> Self {
        Self { waiting: Waiting::at(socket), messages, sent: 0 }
    }
}

impl<M> Future for SendMany<'_, M> {
    type Output = Result<usize, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting: Waiting { at, slot }, messages, sent } = &mut *self;
        for _ in 0..BATCHES {
            if messages.is_empty() {
                return Poll::Ready(Ok(std::mem::take(sent)));
            }
            let next = messages.len().min(BATCH);
            let done = ready!(at.poll_send_many(slot, context, &mut messages.make_contiguous()[..next]))?;
            messages.drain(..done);
            *sent += done;
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Sends the message, if there is one still; with an error it comes back.
pub(super) fn send_held<M, T>(
    held: &mut Option<M>,
    poll: impl FnOnce(&mut M) -> Poll<Result<T, Error>>,
) -> Poll<Result<T, SendError<M>>> {
    let Some(message) = held else { return Poll::Pending };
    let sent = ready!(poll(message));
    Poll::Ready(match (sent, held.take()) {
        (Ok(sent), _) => Ok(sent),
        (Err(error), Some(message)) => Err(SendError { error, message }),
        (Err(_), None) => return Poll::Pending,
    })
}

/// Sends a request; what it gives is the answer to come.
#[must_use = "a future does nothing unless it is polled"]
pub struct SendRequest<'a> {
    waiting: Waiting<&'a Req>,
    message: Option<Message>,
    /// The answer is received in the same future.
    expects: bool,
}

impl<'a> SendRequest<'a> {
    pub(crate) fn new(req: &'a Req, message: Message) -> Self {
        Self { waiting: Waiting::at(req), message: Some(message), expects: false }
    }
}

impl Future for SendRequest<'_> {
    type Output = Result<Pending, SendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waiting: Waiting { at, slot }, message, expects } = &mut *self;
        send_held(message, |message| at.poll_ask(slot, context, message, *expects))
    }
}

/// Sends a request and receives its answer. Dropped in between it cancels the request.
#[must_use = "a future does nothing unless it is polled"]
pub struct RequestAnswer<'a> {
    request: SendRequest<'a>,
    answer: Option<Waiting<Own<Pending>>>,
}

impl<'a> RequestAnswer<'a> {
    pub(crate) fn new(req: &'a Req, message: Message) -> Self {
        let request = SendRequest { expects: true, ..SendRequest::new(req, message) };
        Self { request, answer: None }
    }
}

impl Future for RequestAnswer<'_> {
    type Output = Result<Message, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.answer.is_none() {
            let pending = ready!(Pin::new(&mut self.request).poll(context))?;
            self.answer = Some(Waiting::at(Own(pending)));
        }
        let Some(Waiting { at, slot }) = &mut self.answer else { return Poll::Pending };
        at.poll_answer(slot, context)
    }
}

/// Receives the answer to one request.
#[must_use = "a future does nothing unless it is polled"]
pub struct RecvAnswer<'a>(Waiting<&'a Pending>);

impl<'a> RecvAnswer<'a> {
    pub(crate) fn new(pending: &'a Pending) -> Self {
        Self(Waiting::at(pending))
    }
}

impl Future for RecvAnswer<'_> {
    type Output = Result<Message, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Waiting { at, slot } = &mut self.0;
        at.poll_answer(slot, context)
    }
}

/// Receives the next answer of a survey.
#[must_use = "a future does nothing unless it is polled"]
pub struct RecvNextAnswer<'a>(Waiting<&'a mut Survey>);

impl<'a> RecvNextAnswer<'a> {
    pub(crate) fn new(survey: &'a mut Survey) -> Self {
        Self(Waiting::at(survey))
    }
}

impl Future for RecvNextAnswer<'_> {
    type Output = Result<Option<Answer>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Waiting { at, slot } = &mut self.0;
        at.poll_next_answer(slot, context)
    }
}

/// Waits until a number of peers is connected.
#[must_use = "a future does nothing unless it is polled"]
pub struct WaitForPeers<'a> {
    waiting: Waiting<&'a dyn Meets>,
    count: usize,
}

impl<'a> WaitForPeers<'a> {
    pub(crate) fn new(socket: &'a dyn Meets, count: usize) -> Self {
        Self { waiting: Waiting::at(socket), count }
    }
}

impl Future for WaitForPeers<'_> {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let count = self.count;
        let Waiting { at, slot } = &mut self.waiting;
        at.poll_peers(slot, context, count)
    }
}

/// Closes a socket, and waits for what becomes of its messages. Its time begins when it is first polled. Dropped after that, the socket
/// closes all the same, in the same time.
#[must_use = "a future does nothing unless it is polled"]
pub struct CloseSocket<'a> {
    socket: &'a dyn Closes,
    timeout: Duration,
    done: Option<Arc<Completion<CloseReport>>>,
}

impl<'a> CloseSocket<'a> {
    pub(crate) fn new(socket: &'a dyn Closes, timeout: Duration) -> Self {
        Self { socket, timeout, done: None }
    }
}

impl Future for CloseSocket<'_> {
    type Output = Result<CloseReport, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let done = match &this.done {
            Some(done) => done,
            None => this.done.insert(this.socket.begin_close(this.timeout)?),
        };
        done.poll(context.waker()).map_or(Poll::Pending, |report| Poll::Ready(Ok(report)))
    }
}

/// Each shows its name alone: what it waits for is the socket's.
macro_rules! named {
    ($($future:ident<$($generic:tt),+>),+) => {
        $(impl<$($generic),+> fmt::Debug for $future<$($generic),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($future))
            }
        })+
    };
}

named!(RecvMessage<'a, T>, RecvMany<'a, T>, SendMessage<'a, M>, SendRequest<'a>, RequestAnswer<'a>);
named!(RecvAnswer<'a>, RecvNextAnswer<'a>, WaitForPeers<'a>, SendMany<'a, M>, CloseSocket<'a>);
