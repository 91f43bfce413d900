//! nanomsg, by its C interface.

mod ffi;

use std::sync::Arc;

use super::{Peer, TURN};
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Rounds};
use ffi::{Message, Socket};

/// The bound of its queues in octets, where it is given one.
const BUFFERED: i32 = 4 << 20;

pub struct Nanomsg {
    setting: Setting,
}

impl Nanomsg {
    fn socket(&self, kind: i32) -> Outcome<Socket> {
        let socket = Socket::open(kind)?;
        // Without this it takes nothing above 1 MiB.
        socket.set(ffi::RCVMAXSIZE, -1)?;
        if self.setting == Setting::Buffers {
            socket.set(ffi::SNDBUF, BUFFERED)?;
            socket.set(ffi::RCVBUF, BUFFERED)?;
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

impl Peer for Nanomsg {
    fn open(setting: Setting) -> Outcome<Self> {
        Ok(Self { setting })
    }

    fn version() -> String {
        env!("VERSION_NANOMSG").into()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        let pull = self.listening(ffi::PULL, listen, link)?;
        while arrivals.wanted() {
            arrivals.note(pull.receive()?.octets());
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
                    push.send_message(Message::with_head(size, number.to_le_bytes())?)?;
                }
            }
        }
        link.hold();
        Ok(())
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        let rep = self.listening(ffi::REP, listen, link)?;
        loop {
            rep.send_message(rep.receive()?)?;
        }
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        let req = self.dialing(ffi::REQ, dial)?;
        while let Some(question) = rounds.next() {
            req.send(question)?;
            rounds.finish(req.receive()?.octets());
        }
        Ok(())
    }

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        let publisher = self.listening(ffi::PUB, listen, link)?;
        while let Some((body, _)) = broadcast.next() {
            publisher.send(body)?;
        }
        Ok(())
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        let subscribe = |_| {
            let sub = self.socket(ffi::SUB)?;
            sub.subscribe()?;
            sub.connect(dial)?;
            Ok(sub)
        };
        let subs: Outcome<Vec<_>> = (0..audience.seats()).map(subscribe).collect();
        audience.attend(subs?, |sub, listener| {
            listener.note(sub.receive()?.octets());
            for _ in 1..TURN {
                let Some(message) = sub.try_receive()? else { break };
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
