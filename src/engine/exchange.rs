//! The exchange of SP greetings on one connection (sp.md section 2), or what takes its place.

use std::io::{self, IoSlice};

use hubless_transport::Connection;

use super::admission::{Admitted, Gate};
use super::greeting::Handshake;
use super::pipe::link;
use crate::monitor::Failure;
use crate::wire::handshake::{HandshakeError, Progress, check, greeting};

/// How far a handshake has come.
pub(crate) enum Step {
    /// The other end has to do something first.
    Wait,
    /// The peer is known, and somebody is to say whether it is let in.
    Ask,
    Done(Admitted),
}

impl Handshake {
    /// Goes on as far as the connection allows. Where somebody decides about the peer, it greets first, and has ours only when
    /// it is let in: a peer that is refused has never had a pipe, and so lost nothing in it.
    pub(crate) fn step(&mut self) -> Result<Step, Failure> {
        if !self.established {
            match link(&self.connection).establish() {
                Ok(()) => self.established = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Step::Wait),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
        let admitted = self.gate.pass();
        let greeted = admitted.is_some() && self.greet()?;
        let heard = self.hear()?;
        Ok(match (admitted, &self.gate) {
            (Some(admitted), _) if greeted && heard => Step::Done(admitted),
            (None, Gate::Guarded(_)) if heard => Step::Ask,
            _ => Step::Wait,
        })
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
