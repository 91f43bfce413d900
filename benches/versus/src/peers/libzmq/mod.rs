//! libzmq, by its C interface.

mod ffi;

use std::sync::Arc;

use super::{Peer, TURN};
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Reach, Rounds};
use ffi::{Context, Message, Socket};

/// The bound of its queues, where it is given one: its default of 1000 stops a sender of small messages.
const HIGH_WATER: i32 = 100_000;
/// Connections that may wait to be taken.
const WAITING: i32 = 4096;

pub struct Libzmq {
    context: Context,
    setting: Setting,
}

impl Libzmq {
    fn socket(&self, kind: i32) -> Outcome<Socket> {
        let socket = self.context.socket(kind)?;
        if self.setting == Setting::Buffers {
            // A publisher and its subscribers have no bound at all: what is beyond one is lost.
            let most = if matches!(kind, ffi::PUB | ffi::SUB) { 0 } else { HIGH_WATER };
            socket.set(ffi::SNDHWM, most)?;
            socket.set(ffi::RCVHWM, most)?;
        }
        if self.setting == Setting::NoDrop && kind == ffi::PUB {
            socket.set(ffi::XPUB_NODROP, 1)?;
        }
        Ok(socket)
    }

    fn listening(&self, kind: i32, address: &str, link: &Link) -> Outcome<Socket> {
        let socket = self.socket(kind)?;
        // Its own 100 are too few where an audience connects at once: the system has those beyond try again after seconds.
        socket.set(ffi::BACKLOG, WAITING)?;
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

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        let kind = if broadcast.reach() == Reach::All { ffi::PUB } else { ffi::PUSH };
        let publisher = self.listening(kind, listen, link)?;
        while let Some((body, _)) = broadcast.next() {
            publisher.send(body)?;
        }
        Ok(())
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        let subscribe = |_| {
            if audience.reach() == Reach::One {
                return Ok((self.dialing(ffi::PULL, dial)?, Message::new()));
            }
            let sub = self.dialing(ffi::SUB, dial)?;
            sub.subscribe()?;
            Ok((sub, Message::new()))
        };
        let subs: Outcome<Vec<_>> = (0..audience.seats()).map(subscribe).collect();
        audience.attend(subs?, |(sub, message), listener| {
            sub.receive(message)?;
            listener.note(message.octets());
            for _ in 1..TURN {
                if !sub.try_receive(message)? {
                    break;
                }
                listener.note(message.octets());
            }
            Ok(())
        })
    }

    fn idle(&self, listen: &str, link: &Link) -> Outcome<()> {
        let _pull = self.listening(ffi::PULL, listen, link)?;
        link.hold();
        Ok(())
    }
}
