//! libzmq, by its C interface.

mod ffi;

use super::Peer;
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Letter, Letters, Link, Rounds};
use ffi::{Context, Message, Socket};

/// The bound of its queues, where it is given one: its default of 1000 stops a sender of small messages.
const HIGH_WATER: i32 = 100_000;

pub struct Libzmq {
    context: Context,
    setting: Setting,
}

impl Libzmq {
    fn socket(&self, kind: i32) -> Outcome<Socket> {
        let socket = self.context.socket(kind)?;
        if self.setting == Setting::Buffers {
            socket.set(ffi::SNDHWM, HIGH_WATER)?;
            socket.set(ffi::RCVHWM, HIGH_WATER)?;
        }
        Ok(socket)
    }

    fn listening(&self, kind: i32, address: &str, link: &Link) -> Outcome<Socket> {
        let socket = self.socket(kind)?;
        socket.bind(address)?;
        link.ready();
        Ok(socket)
    }

    fn dialing(&self, kind: i32, address: &str) -> Outcome<Socket> {
        let socket = self.socket(kind)?;
        socket.connect(address)?;
        Ok(socket)
    }
}

impl Peer for Libzmq {
    fn open(setting: Setting) -> Outcome<Self> {
        Ok(Self { context: Context::new()?, setting })
    }

    fn version() -> String {
        ffi::version()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        let pull = self.listening(ffi::PULL, listen, link)?;
        let mut message = Message::new();
        while arrivals.wanted() {
            pull.receive(&mut message)?;
            arrivals.note(message.octets());
        }
        Ok(())
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        let push = self.dialing(ffi::PUSH, dial)?;
        let size = letters.size();
        while let Some(letter) = letters.next() {
            match letter {
                Letter::Written(octets) => push.send(octets)?,
                Letter::Shared { number, .. } => {
                    push.send_message(&mut Message::with_head(size, number.to_le_bytes())?)?;
                }
            }
        }
        link.hold();
        Ok(())
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        let rep = self.listening(ffi::REP, listen, link)?;
        let mut message = Message::new();
        loop {
            rep.receive(&mut message)?;
            rep.send_message(&mut message)?;
        }
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        let req = self.dialing(ffi::REQ, dial)?;
        let mut message = Message::new();
        while let Some(question) = rounds.next() {
            req.send(question)?;
            req.receive(&mut message)?;
            rounds.finish(message.octets());
        }
        Ok(())
    }
}
