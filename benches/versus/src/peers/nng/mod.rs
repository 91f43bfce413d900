//! NNG, by its C interface.

mod ffi;

use std::sync::Arc;

use super::{Peer, TURN};
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Rounds};
use ffi::{Kind, Message, Socket};

/// The bound of its queues, where it is given one: it has next to none of its own.
const BUFFERED: i32 = 8192;

pub struct Nng {
    setting: Setting,
}

impl Nng {
    fn socket(&self, kind: Kind) -> Outcome<Socket> {
        let socket = Socket::open(kind)?;
        if self.setting == Setting::Buffers {
            socket.buffer(BUFFERED)?;
        }
        Ok(socket)
    }

    fn listening(&self, kind: Kind, address: &str, link: &Link) -> Outcome<Socket> {
        let socket = self.socket(kind)?;
        socket.listen(address)?;
        link.ready();
        Ok(socket)
    }

    fn dialing(&self, kind: Kind, address: &str) -> Outcome<Socket> {
        let socket = self.socket(kind)?;
        socket.dial(address)?;
        Ok(socket)
    }
}

impl Peer for Nng {
    fn open(setting: Setting) -> Outcome<Self> {
        ffi::init()?;
        Ok(Self { setting })
    }

    fn version() -> String {
        ffi::version()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        let pull = self.listening(Kind::Pull, listen, link)?;
        while arrivals.wanted() {
            arrivals.note(pull.receive()?.octets());
        }
        Ok(())
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        let push = self.dialing(Kind::Push, dial)?;
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
        let rep = self.listening(Kind::Rep, listen, link)?;
        loop {
            rep.send_message(rep.receive()?)?;
        }
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        let req = self.dialing(Kind::Req, dial)?;
        while let Some(question) = rounds.next() {
            req.send(question)?;
            rounds.finish(req.receive()?.octets());
        }
        Ok(())
    }

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        let publisher = self.listening(Kind::Pub, listen, link)?;
        while let Some((body, _)) = broadcast.next() {
            publisher.send(body)?;
        }
        Ok(())
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        let subscribe = |_| {
            let sub = self.socket(Kind::Sub)?;
            sub.subscribe()?;
            sub.dial(dial)?;
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
        let _pull = self.listening(Kind::Pull, listen, link)?;
        link.hold();
        Ok(())
    }
}
