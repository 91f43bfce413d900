//! The exchange of SP greetings on one connection (sp.md section 2), or what takes its place.

use std::io::{self, IoSlice};

use hubless_protocol::wire::handshake::{HandshakeError, Progress, check, greeting};
use hubless_transport::Connection;

use super::connect::admission::{Admitted, Gate};
use super::connect::places::Need;
use super::greeting::Handshake;
use super::pipe::connection::link;
use crate::monitor::Failure;

/// Octets, or messages, that are read of a peer that is held.
const EARLY: (usize, usize) = (4096, 16);

/// How far a handshake has come.
pub(super) enum Step {
    /// The other end has to do something first.
    Wait,
    /// The peer is known, and somebody is to say whether it is let in.
    Ask,
    /// The peer is to be greeted, which takes the one place that the socket has.
    Seek,
    Done(Admitted),
}

impl Handshake {
    /// Goes on as far as the connection allows. Where somebody decides about the peer, or there is one place, it greets first, and
    /// has ours only when it is let in: a peer that is refused has never had a pipe, and so lost nothing in it.
    pub(super) fn step(&mut self) -> Result<Step, Failure> {
        if !self.established {
            match link(&self.connection).establish() {
                Ok(()) => self.established = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Step::Wait),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
        let Some(admitted) = self.gate.pass() else {
            let asks = self.hear()? && matches!(self.gate, Gate::Guarded(_));
            return Ok(if asks { Step::Ask } else { Step::Wait });
        };
        if let Some(step) = self.seek()? {
            return Ok(step);
        }
        let greeted = self.greet()?;
        let heard = self.hear()?;
        Ok(if greeted && heard { Step::Done(admitted) } else { Step::Wait })
    }

    /// What is to be done before our greeting may go out, where the socket has one place.
    fn seek(&mut self) -> Result<Option<Step>, Failure> {
        let left = self.need == Need::Held && self.has_left();
        match self.need {
            Need::Nothing | Need::Kept => Ok(None),
            Need::Wanted if self.is_dialed() => Ok(Some(Step::Seek)),
            Need::Wanted => match self.hear() {
                Ok(heard) => Ok(Some(if heard { Step::Seek } else { Step::Wait })),
                Err(failure) => {
                    // One that is of another pattern is told so: it refuses us for that as well.
                    if let Failure::WrongPattern { .. } = failure {
                        let _ = self.greet();
                    }
                    Err(failure)
                }
            },
            Need::Held if !left => Ok(Some(Step::Wait)),
            Need::Held => Err(Failure::AlreadyPaired),
        }
    }

    /// Whether a peer that waits for our greeting has hung up. What it has sent by then is kept, up to a bound.
    pub(super) fn has_left(&mut self) -> bool {
        loop {
            let read = match &self.connection {
                Connection::Stream(stream) if self.received.len() < EARLY.0 => {
                    self.received.reserve(EARLY.0 - self.received.len());
                    stream.read(&mut self.received)
                }
                Connection::Messages(messages) if self.early.len() < EARLY.1 => {
                    let room = EARLY.1 - self.early.len();
                    messages.recv(&mut self.early, room)
                }
                _ => return false,
            };
            match read {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
    }

    /// Sends what is left of our greeting; whether all of it has left. It goes out even to a peer that will be refused for
    /// its own, as every implementation does.
    fn greet(&mut self) -> Result<bool, Failure> {
        let stream = match &self.connection {
            Connection::Stream(stream) => stream,
            Connection::Messages(messages) => {
                if !std::mem::replace(&mut self.greeted, true) {
                    messages.greet();
                }
                return Ok(true);
            }
            _ => return Err(Failure::Broken(io::ErrorKind::Unsupported.into())),
        };
        let ours = greeting(self.socket.role().number());
        while self.sent < ours.len() {
            match stream.write(&[IoSlice::new(&ours[self.sent..])]) {
                Ok(0) => return Err(Failure::Broken(io::ErrorKind::WriteZero.into())),
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
        Ok(true)
    }

    /// Reads what is there of the peer's greeting; whether all of it has come. The first wrong octet ends it.
    fn hear(&mut self) -> Result<bool, Failure> {
        let role = self.socket.role();
        let stream = match &self.connection {
            Connection::Stream(stream) => stream,
            Connection::Messages(messages) if messages.protocol() == role.peer().number() => return Ok(true),
            Connection::Messages(messages) => {
                return Err(Failure::of_greeting(HandshakeError::Protocol(messages.protocol()), role));
            }
            _ => return Err(Failure::Broken(io::ErrorKind::Unsupported.into())),
        };
        loop {
            match check(&self.received, role.peer().number()) {
                Ok(Progress::Complete) => return Ok(true),
                Ok(Progress::NeedMore) => {}
                Err(error) => return Err(Failure::of_greeting(error, role)),
            }
            match stream.read(&mut self.received) {
                Ok(0) => return Err(Failure::PeerLeft),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
    }
}
