//! What the sockets are to code that is written for streams and sinks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;

use super::future::send_held;
use super::waiting::{Receives, Sends, Waiting};
use crate::error::{Error, SendError};

/// A socket as a stream, of the cargo feature `futures`.
///
/// Receives for ever: ends at the first error of [`recv_async`](crate::Pull::recv_async), so when the socket is closed. Keeps
/// the socket open. Dropped at any time it loses nothing.
#[must_use = "a stream does nothing unless it is polled"]
pub struct RecvStream<T>(Waiting<Box<dyn Receives<T>>>);

impl<T> RecvStream<T> {
    pub(crate) fn new(socket: impl Receives<T> + 'static) -> Self {
        Self(Waiting::at(Box::new(socket)))
    }
}

impl<T> Stream for RecvStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let Waiting { at, slot } = &mut self.0;
        at.poll_recv(slot, context).map(Result::ok)
    }
}

/// A socket as a sink, of the cargo feature `futures`.
///
/// Sends what it is given. It holds one message until there is room; flushing waits for that, and dropping it before
/// drops the message. Closing it flushes it and leaves the socket open, which it keeps so itself as long as it lives.
///
/// Its error is the socket's, with the message that was not sent.
#[must_use = "a sink does nothing unless it is polled"]
pub struct SendSink<M> {
    waiting: Waiting<Box<dyn Sends<M>>>,
    held: Option<M>,
}

impl<M> SendSink<M> {
    pub(crate) fn new(socket: impl Sends<M> + 'static) -> Self {
        Self { waiting: Waiting::at(Box::new(socket)), held: None }
    }

    fn send_held(&mut self, context: &Context<'_>) -> Poll<Result<(), SendError<M>>> {
        if self.held.is_none() {
            return Poll::Ready(Ok(()));
        }
        let Waiting { at, slot } = &mut self.waiting;
        send_held(&mut self.held, |message| at.poll_send(slot, context, message))
    }
}

impl<M: Unpin> Sink<M> for SendSink<M> {
    type Error = SendError<M>;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError<M>>> {
        self.send_held(context)
    }

    fn start_send(mut self: Pin<&mut Self>, message: M) -> Result<(), SendError<M>> {
        if self.held.is_some() {
            return Err(SendError { error: Error::Full, message });
        }
        self.held = Some(message);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError<M>>> {
        self.send_held(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError<M>>> {
        ready!(self.send_held(context))?;
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for RecvStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecvStream")
    }
}

impl<M> fmt::Debug for SendSink<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendSink").field("held", &self.held.is_some()).finish_non_exhaustive()
    }
}
