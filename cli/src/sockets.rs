//! The sockets by what a role does with them, so that each way of working is written once.
//!
//! Where a call takes an instant, it waits until then at most; without one, for ever.

use std::time::{Duration, Instant};

use hubless::raw::{
    Bus as RawBus, Pair as RawPair, PairV1 as RawPairV1, Pub as RawPub, Pull as RawPull, Push as RawPush,
    Rep as RawRep, Req as RawReq, Respondent as RawRespondent, Sub as RawSub, Surveyor as RawSurveyor,
};
use hubless::{
    Answer, Bus, CloseReport, Dialer, Error, Listener, Message, Pair, Pending, Pub, Pull, Push, Rep, Req,
    Request, Respondent, Stats, Sub, Survey, Surveyor,
};

/// Connecting and closing: every socket.
pub(crate) trait Socket: Clone + Send + 'static {
    /// Whether a message is never dropped while the socket is open, so that one dropped at its end is a failure.
    const KEEPS: bool;

    fn listen(&self, address: &str) -> Result<Listener, Error>;
    fn dial(&self, address: &str) -> Result<Dialer, Error>;
    fn wait_for_peers(&self, count: usize, timeout: Duration) -> Result<(), Error>;
    fn stats(&self) -> Stats;
    fn close(&self, linger: Duration) -> Result<CloseReport, Error>;
}

/// Sending without an answer.
pub(crate) trait Sends: Socket {
    fn send(&self, message: Message, until: Option<Instant>) -> Result<(), Error>;
}

/// Receiving without an answer.
pub(crate) trait Receives: Socket {
    fn receive(&self, until: Option<Instant>) -> Result<Message, Error>;
}

/// Receiving what wants an answer.
pub(crate) trait Answers: Socket {
    fn request(&self, until: Option<Instant>) -> Result<Request, Error>;
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

macro_rules! sockets {
    ($($socket:ident keeps $keeps:literal),*) => {$(
        impl Socket for $socket {
            const KEEPS: bool = $keeps;

            fn listen(&self, address: &str) -> Result<Listener, Error> {
                self.listen(address)
            }

            fn dial(&self, address: &str) -> Result<Dialer, Error> {
                self.dial(address)
            }

            fn wait_for_peers(&self, count: usize, timeout: Duration) -> Result<(), Error> {
                self.wait_for_peers(count, timeout)
            }

            fn stats(&self) -> Stats {
                self.stats()
            }

            fn close(&self, linger: Duration) -> Result<CloseReport, Error> {
                self.close(linger)
            }
        }
    )*};
}

macro_rules! sends {
    ($($socket:ident),*) => {$(
        impl Sends for $socket {
            fn send(&self, message: Message, until: Option<Instant>) -> Result<(), Error> {
                match until {
                    Some(until) => self.send_deadline(message, until)?,
                    None => self.send(message)?,
                }
                Ok(())
            }
        }
    )*};
}

macro_rules! receives {
    ($($socket:ident $trait:ident $call:ident $what:ident),*) => {$(
        impl $trait for $socket {
            fn $call(&self, until: Option<Instant>) -> Result<$what, Error> {
                until.map_or_else(|| self.recv(), |until| self.recv_deadline(until))
            }
        }
    )*};
}

sockets!(
    Req keeps false, Rep keeps false, Pub keeps false, Sub keeps false, Push keeps true, Pull keeps false,
    Surveyor keeps false, Respondent keeps false, Pair keeps true, Bus keeps false
);
sockets!(
    RawReq keeps false, RawRep keeps false, RawPub keeps false, RawSub keeps false, RawPush keeps false,
    RawPull keeps false, RawSurveyor keeps false, RawRespondent keeps false, RawPair keeps false, RawPairV1 keeps false,
    RawBus keeps false
);
sends!(Pub, Push, Pair, Bus);
receives!(
    Sub Receives receive Message, Pull Receives receive Message, Pair Receives receive Message,
    Bus Receives receive Message, Rep Answers request Request, Respondent Answers request Request
);

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
