use std::fmt;
use std::ops::Deref;

use hubless_protocol::patterns::{self, Loss, Reply, Role, Route};

use super::sealed::Incoming;
use super::verbs::{limits_hops, receives, socket};
use super::{Handle, MaxHops, Patience};
use crate::Message;
use crate::engine::Received;
use crate::error::SendError;

/// Answers requests: receives each as a [`Request`], a value that is answered once, on any thread, in any order.
///
/// ```
/// use hubless::{Rep, Req};
///
/// let rep = Rep::new()?;
/// let at = rep.listen("inproc://rep-example")?;
/// let req = Req::new()?;
/// req.dial(at.address())?;
/// let pending = req.send("ping")?;
/// let request = rep.recv()?;
/// assert_eq!(request, "ping");
/// request.reply("pong")?;
/// assert_eq!(pending.recv()?, "pong");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Rep(Handle<Reply>);

socket!(Rep, "Rep", Reply, MaxHops, |max: MaxHops| Reply::new(Role::Rep, max.0));
limits_hops!(Rep);
receives!(Rep, Request);

/// Answers surveys: receives each question as a [`Request`], and answers it or not.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Respondent, Surveyor};
///
/// let surveyor = Surveyor::new()?;
/// let at = surveyor.listen("inproc://respondent-example")?;
/// let respondent = Respondent::new()?;
/// respondent.dial(at.address())?;
/// surveyor.wait_for_peers(1, Duration::from_secs(5))?;
/// let mut survey = surveyor.survey("who?", Duration::from_secs(5))?;
/// respondent.recv()?.reply("me")?;
/// assert_eq!(survey.next().unwrap(), "me");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Respondent(Handle<Reply>);

socket!(Respondent, "Respondent", Reply, MaxHops, |max: MaxHops| Reply::new(Role::Respondent, max.0));
limits_hops!(Respondent);
receives!(Respondent, Request);

/// A request or a question, with its way back. It reads as its message. Keeps the socket open.
///
/// Dropped without an answer, it is counted in [`Drops::unanswered`](crate::Drops::unanswered), and the client waits for
/// its own deadline.
#[must_use = "dropping it leaves the request without an answer"]
pub struct Request {
    message: Message,
    /// Taken by the answer.
    route: Option<Route>,
    socket: Handle<Reply>,
}

#[allow(private_interfaces, reason = "it is part of the seal of `RecvSocket`")]
impl Incoming<Reply> for Request {
    fn new(socket: &Handle<Reply>, received: Received<Route>) -> Self {
        Self { message: received.body, route: Some(received.origin), socket: socket.clone() }
    }
}

impl Request {
    /// What was asked.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Answers. Never waits, so it is as good in a future as elsewhere: if the client has left, or does not take its answers, this one is dropped and counted
    /// ([`Drops::requester_gone`](crate::Drops::requester_gone), [`Drops::peer_full`](crate::Drops::peer_full)).
    ///
    /// # Errors
    /// With the answer: [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
    /// [`Error::Dead`](crate::Error::Dead).
    pub fn reply(mut self, answer: impl Into<Message>) -> Result<(), SendError> {
        let body = answer.into();
        let Some(route) = self.route.take() else { return Ok(()) };
        let answer = patterns::Answer { route, body };
        self.socket
            .send(answer, Patience::None)
            .map_err(|(error, answer)| SendError { error, message: answer.body })
    }
}

impl Deref for Request {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl<T: ?Sized> PartialEq<T> for Request
where
    Message: PartialEq<T>,
{
    fn eq(&self, other: &T) -> bool {
        self.message == *other
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if let Some(route) = &self.route
            && self.socket.socket().worker.check().is_ok()
        {
            self.socket.socket().count(route.pipe, Loss::Unanswered);
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("message", &self.message).finish_non_exhaustive()
    }
}
