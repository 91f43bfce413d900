use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hubless_protocol::patterns::{self, Ending, Inbox, Key, PipeId, Question};
use hubless_transport::Peer;

use super::builder::Builder;
use super::future::RecvNextAnswer;
use super::verbs::socket;
use super::{CanRecv, Handle, Patience, Receiving, Subject, Waits};
use crate::Message;
use crate::engine::{Answered, Ready, Taken, WaitSlot, Want, seed};
use crate::error::{Error, SendError};

/// Asks everybody: each question goes to all connected [`Respondent`](crate::Respondent)s, and their answers are taken until
/// a deadline.
///
/// Several surveys may be open at once. Asking never waits: a peer whose queue is full is not asked, counted in
/// [`Drops::peer_full`](crate::Drops::peer_full).
///
/// ```
/// use std::time::Duration;
/// use hubless::{Respondent, Surveyor};
///
/// let surveyor = Surveyor::builder().end_early().build()?;
/// let at = surveyor.listen("inproc://surveyor-example")?;
/// for name in ["ada", "bob"] {
///     let respondent = Respondent::new()?;
///     respondent.dial(at.address())?;
///     std::thread::spawn(move || respondent.recv().unwrap().reply(name).unwrap());
/// }
/// surveyor.wait_for_peers(2, Duration::from_secs(5))?;
/// let answers = surveyor.survey("who?", Duration::from_secs(5))?;
/// let mut names: Vec<_> = answers.map(|name| name.as_str().unwrap().to_owned()).collect();
/// names.sort();
/// assert_eq!(names, ["ada", "bob"]);
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Surveyor(Handle<patterns::Surveyor>);

socket!(Surveyor, "Surveyor", patterns::Surveyor, SurveyOptions, |own: SurveyOptions| {
    let pattern = patterns::Surveyor::new(seed(), own.answers);
    if own.end_early { pattern.ending_early() } else { pattern }
});

/// Settings of a SURVEYOR.
#[derive(Debug)]
#[allow(unnameable_types, reason = "set through the builder only")]
pub struct SurveyOptions {
    answers: usize,
    end_early: bool,
}

impl Default for SurveyOptions {
    fn default() -> Self {
        Self { answers: 1000, end_early: false }
    }
}

impl Builder<Surveyor> {
    /// How many answers of one survey are kept until they are taken; default 1000. The peers that were asked have equal shares
    /// of them, and each has one at least, even where that makes more; all others have one share together. What is beyond its
    /// peer's share is dropped and counted in [`Drops::inbox_full`](crate::Drops::inbox_full), so one respondent that answers
    /// again and again takes no place of the others. A [`Device`](crate::Device) is one peer, however many stand behind it.
    #[must_use]
    pub fn max_kept_answers(mut self, max: usize) -> Self {
        self.check(max > 0, "max_kept_answers", max, "at least one answer must fit");
        self.own.answers = max;
        self
    }

    /// Ends a survey as soon as every peer that was asked has answered or left, which [`Survey::end`] tells apart;
    /// default at its deadline only. A peer that was not asked, because its queue was full, is not waited for. A
    /// [`Device`](crate::Device) is one peer, however many stand behind it: its first answer counts for all of them.
    #[must_use]
    pub fn end_early(mut self) -> Self {
        self.own.end_early = true;
        self
    }
}

impl Surveyor {
    /// Asks all peers there are, and takes answers until `deadline` from now. Never waits.
    ///
    /// # Errors
    /// With the question: [`Error::Closed`], [`Error::Forked`], [`Error::Dead`].
    pub fn survey(&self, question: impl Into<Message>, deadline: Duration) -> Result<Survey, SendError> {
        match self.0.send(Question { body: question.into(), deadline }, Patience::None) {
            Ok(key) => Ok(Survey { key, socket: self.0.clone(), is_over: false, end: None }),
            Err((error, question)) => Err(SendError { error, message: question.body }),
        }
    }
}

/// One survey: iterates over its answers until it ends, or until the option `recv_timeout` passes without one. Keeps the socket open. Dropping it ends it; answers that come
/// later are counted in [`Drops::stray`](crate::Drops::stray).
#[must_use = "dropping it ends the survey"]
pub struct Survey {
    key: Key,
    socket: Handle<patterns::Surveyor>,
    /// The last answer was taken, and another survey may have the key.
    is_over: bool,
    end: Option<SurveyEnd>,
}

/// How a survey ended. Printed: `deadline`, `complete`, `peers left` or `closed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SurveyEnd {
    /// Its time was over.
    Deadline,
    /// Every peer that was asked had answered ([`Builder::end_early`]), or there was nobody to ask.
    Complete,
    /// Some peers that were asked had left without an answer, and all others had answered ([`Builder::end_early`]).
    PeersLeft,
    /// Its socket was closed.
    Closed,
}

impl fmt::Display for SurveyEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Deadline => "deadline",
            Self::Complete => "complete",
            Self::PeersLeft => "peers left",
            Self::Closed => "closed",
        })
    }
}

/// One answer to a survey. It reads as its message, and knows whose it is, though the peer has left meanwhile.
///
/// ```
/// # use std::time::Duration;
/// # let respondent = hubless::Respondent::new()?;
/// # let at = respondent.listen("inproc://answer-example")?;
/// # std::thread::spawn(move || respondent.recv().unwrap().reply("me").unwrap());
/// # let surveyor = hubless::Surveyor::builder().end_early().build()?;
/// # surveyor.dial(at.address())?;
/// # surveyor.wait_for_peers(1, Duration::from_secs(10))?;
/// for answer in surveyor.survey("who?", Duration::from_secs(5))? {
///     // me of inproc://answer-example
///     println!("{} of {}", answer.as_str().unwrap_or("?"), answer.peer());
///     # assert_eq!((answer.as_str(), &answer.peer().address[..]), (Ok("me"), "inproc://answer-example"));
/// }
/// # Ok::<(), hubless::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Answer {
    message: Message,
    pipe: u32,
    peer: Arc<Peer>,
}

impl Survey {
    /// Waits for the next answer, until the survey ends: then `None`, and [`end`](Self::end) says why. A wait that reaches
    /// the option `recv_timeout` first does not end the survey.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Forked`], [`Error::Dead`].
    pub fn recv(&mut self) -> Result<Option<Answer>, Error> {
        self.take(Patience::Option)
    }

    /// Takes the next answer if it has arrived.
    ///
    /// # Errors
    /// [`Error::Empty`] when none has; otherwise as [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<Option<Answer>, Error> {
        self.take(Patience::None)
    }

    /// Waits at most `timeout` for the next answer.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<Answer>, Error> {
        self.take(Patience::Timeout(timeout))
    }

    /// Waits until `deadline` at the latest for the next answer.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_deadline(&mut self, deadline: Instant) -> Result<Option<Answer>, Error> {
        self.take(Patience::Deadline(deadline))
    }

    /// Waits for the next answer, as a [future](crate::future), until the survey ends: then `None`, and [`end`](Self::end)
    /// says why. Dropped at any time it loses nothing.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # fn main() -> Result<(), hubless::Error> {
    /// # pollster::block_on(async {
    /// # let respondent = hubless::Respondent::new()?;
    /// # let at = respondent.listen("inproc://survey-async-example")?;
    /// # std::thread::spawn(move || respondent.recv().unwrap().reply("me").unwrap());
    /// let surveyor = hubless::Surveyor::builder().end_early().build()?;
    /// surveyor.dial(at.address())?;
    /// surveyor.wait_for_peers_async(1).await?;
    /// let mut survey = surveyor.survey("who?", Duration::from_secs(5))?;
    /// while let Some(answer) = survey.recv_async().await? {
    ///     assert_eq!(answer, "me");
    /// }
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Forked`], [`Error::Dead`].
    pub fn recv_async(&mut self) -> RecvNextAnswer<'_> {
        RecvNextAnswer::new(self)
    }

    /// A descriptor that is readable while [`try_recv`](Self::try_recv) is worth a try: while an answer is there, and when the
    /// survey has ended. See [`Ready`].
    ///
    /// # Errors
    /// [`Error::System`] when there are no descriptors left; [`Error::Forked`], [`Error::Dead`].
    pub fn recv_ready(&self) -> Result<Ready, Error> {
        self.socket.ready(Want::Message(Inbox::Keyed(self.key)))
    }

    /// How it ended, once it has and all answers are taken.
    pub fn end(&self) -> Option<SurveyEnd> {
        self.end
    }

    fn take(&mut self, patience: Patience) -> Result<Option<Answer>, Error> {
        if self.has_ended() {
            return Ok(None);
        }
        let socket = self.socket.socket();
        let taken = socket.recv_answer(self.key, patience.until_received(socket));
        self.judge(taken)
    }

    pub(super) fn poll_next_answer(
        &mut self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
    ) -> Poll<Result<Option<Answer>, Error>> {
        if self.has_ended() {
            return Poll::Ready(Ok(None));
        }
        let taken = ready!(self.socket.socket().poll_answer(slot, context, self.key));
        Poll::Ready(self.judge(taken))
    }

    fn has_ended(&mut self) -> bool {
        if self.is_over {
            self.end.get_or_insert(SurveyEnd::Complete);
        }
        self.end.is_some()
    }

    fn judge(&mut self, answered: Result<Answered<PipeId>, Error>) -> Result<Option<Answer>, Error> {
        self.end = match answered {
            Ok(Ok(Taken { received, last, peer })) => {
                self.is_over = last;
                // An answer is delivered while its pipe is there, so it has a peer.
                let peer = peer.unwrap_or_else(|| Arc::new(Peer::new("unknown")));
                return Ok(Some(Answer { message: received.body, pipe: received.origin.number, peer }));
            }
            Ok(Err(Ending::Complete)) => Some(SurveyEnd::Complete),
            Ok(Err(Ending::PeerLost)) => Some(SurveyEnd::PeersLeft),
            Ok(Err(Ending::Deadline)) => Some(SurveyEnd::Deadline),
            Err(Error::Closed) => Some(SurveyEnd::Closed),
            Err(error) => return Err(error),
        };
        Ok(None)
    }
}

impl CanRecv for Survey {}

impl Receiving for Survey {
    fn receiving(&self) -> Subject {
        self.socket.subject(Want::Message(Inbox::Keyed(self.key)))
    }
}

impl Waits for Survey {
    fn leave(&self, slot: &mut WaitSlot) {
        self.socket.socket().leave(slot);
    }
}

impl Iterator for Survey {
    type Item = Answer;

    fn next(&mut self) -> Option<Answer> {
        self.recv().ok().flatten()
    }
}

impl Drop for Survey {
    fn drop(&mut self) {
        let socket = self.socket.socket();
        if !self.is_over && socket.worker.check().is_ok() {
            socket.cancel(self.key, self.key);
        }
    }
}

impl fmt::Debug for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Survey").field("key", &self.key).field("end", &self.end).finish_non_exhaustive()
    }
}

impl Answer {
    /// What was answered.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The message alone.
    pub fn into_message(self) -> Message {
        self.message
    }

    /// Who answered: the address of the peer, and what is known of who it is.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The number of the pipe it came by, which no other pipe of the process has or will soon have: that of
    /// [`PipeStats::id`](crate::PipeStats::id) and of events.
    pub fn pipe(&self) -> u32 {
        self.pipe
    }
}

impl Deref for Answer {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl<T: ?Sized> PartialEq<T> for Answer
where
    Message: PartialEq<T>,
{
    fn eq(&self, other: &T) -> bool {
        self.message == *other
    }
}
