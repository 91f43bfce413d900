//! The sockets by what a role does with them, so that each way of working is written once.
//!
//! Where a call takes an instant, it waits until then at most; without one, for ever.

use std::time::{Duration, Instant};

use hubless::{Answer, Error, Message, Pending, RecvSocket, Req, SendSocket, Survey, Surveyor};

/// Sends a message.
pub(crate) fn send(
    socket: &impl SendSocket<Outgoing = Message>,
    message: Message,
    until: Option<Instant>,
) -> Result<(), Error> {
    match until {
        Some(until) => socket.send_deadline(message, until)?,
        None => socket.send(message)?,
    }
    Ok(())
}

/// Receives a message, or a request.
pub(crate) fn receive<S: RecvSocket>(socket: &S, until: Option<Instant>) -> Result<S::Incoming, Error> {
    until.map_or_else(|| socket.recv(), |until| socket.recv_deadline(until))
}

/// Sending what gets answers.
pub(crate) trait Asks: Send + 'static {
    type Asked: Asked;

    fn ask(&self, message: Message, until: Option<Instant>) -> Result<Self::Asked, Error>;
}

/// A question that was asked.
pub(crate) trait Asked: Send + 'static {
    /// The next answer; `None` when there will be none.
    fn answer(&mut self, until: Option<Instant>) -> Result<Option<Message>, Error>;
}

impl Asks for Req {
    type Asked = Option<Pending>;

    fn ask(&self, message: Message, until: Option<Instant>) -> Result<Option<Pending>, Error> {
        let pending = match until {
            Some(until) => self.send_deadline(message, until)?,
            None => self.send(message)?,
        };
        Ok(Some(pending))
    }
}

/// A request has one answer; then it is gone.
impl Asked for Option<Pending> {
    fn answer(&mut self, until: Option<Instant>) -> Result<Option<Message>, Error> {
        let Some(pending) = self else { return Ok(None) };
        let answer = until.map_or_else(|| pending.recv(), |until| pending.recv_deadline(until))?;
        *self = None;
        Ok(Some(answer))
    }
}

/// A surveyor and the deadline of its surveys.
#[derive(Debug)]
pub(crate) struct Poll {
    pub(crate) surveyor: Surveyor,
    pub(crate) deadline: Duration,
}

impl Asks for Poll {
    type Asked = Survey;

    fn ask(&self, message: Message, _: Option<Instant>) -> Result<Survey, Error> {
        Ok(self.surveyor.survey(message, self.deadline)?)
    }
}

impl Asked for Survey {
    fn answer(&mut self, until: Option<Instant>) -> Result<Option<Message>, Error> {
        let answer = match until {
            Some(until) => self.recv_deadline(until)?,
            None => self.recv()?,
        };
        Ok(answer.map(Answer::into_message))
    }
}
