//! Its blocking interface.

use std::sync::Arc;

use omq_tokio::blocking::Socket;
use omq_tokio::{Context, Error, Message, SocketType};

use super::{octets, options};
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letters, Link, Rounds};
use crate::peers::TURN;

pub struct Blocking {
    context: Context,
    setting: Setting,
}

impl Blocking {
    pub(super) fn open(context: Context, setting: Setting) -> Self {
        Self { context, setting }
    }

    fn socket(&self, kind: SocketType) -> Socket {
        self.context.blocking_socket(kind, options(self.setting, kind))
    }

    fn listening(&self, kind: SocketType, address: &str, link: &Link) -> Outcome<Socket> {
        let socket = self.socket(kind);
        socket.bind(address)?;
        link.ready();
        Ok(socket)
    }

    fn dialing(&self, kind: SocketType, address: &str) -> Outcome<Socket> {
        let socket = self.socket(kind);
        socket.connect(address)?;
        Ok(socket)
    }

    pub(super) fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        let pull = self.listening(SocketType::Pull, listen, link)?;
        while arrivals.wanted() {
            arrivals.note(octets(&pull.recv()?));
        }
        Ok(())
    }

    pub(super) fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        let push = self.dialing(SocketType::Push, dial)?;
        while let Some(letter) = letters.next() {
            push.send(letter.into())?;
        }
        link.hold();
        Ok(())
    }

    pub(super) fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        let rep = self.listening(SocketType::Rep, listen, link)?;
        loop {
            rep.send(rep.recv()?)?;
        }
    }

    pub(super) fn req(&self, dial: &str, rounds: &mut Rounds) -> Outcome<()> {
        let req = self.dialing(SocketType::Req, dial)?;
        while let Some(question) = rounds.next() {
            req.send(Message::from_slice(question))?;
            rounds.finish(octets(&req.recv()?));
        }
        Ok(())
    }

    pub(super) fn publish(&self, listen: &str, link: &Link, broadcast: &mut Broadcast) -> Outcome<()> {
        let publisher = self.listening(SocketType::Pub, listen, link)?;
        while let Some((body, _)) = broadcast.next() {
            publisher.send(Message::from_slice(body))?;
        }
        Ok(())
    }

    pub(super) fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        let subscribe = |_| {
            let sub = self.dialing(SocketType::Sub, dial)?;
            sub.subscribe("")?;
            Ok(sub)
        };
        let subs: Outcome<Vec<_>> = (0..audience.seats()).map(subscribe).collect();
        audience.attend(subs?, |sub, listener| {
            listener.note(octets(&sub.recv()?));
            for _ in 1..TURN {
                match sub.try_recv() {
                    Ok(message) => listener.note(octets(&message)),
                    Err(Error::WouldBlock) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        })
    }

    pub(super) fn idle(&self, listen: &str, link: &Link) -> Outcome<()> {
        let _pull = self.listening(SocketType::Pull, listen, link)?;
        link.hold();
        Ok(())
    }
}
