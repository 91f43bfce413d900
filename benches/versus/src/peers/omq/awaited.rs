//! Its asynchronous interface.

use std::sync::Arc;

use omq_tokio::{Context, Message, Socket, SocketType};
use tokio::runtime::Runtime;

use super::{octets, options};
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letters, Link, Rounds};
use crate::peers;

pub struct Awaited {
    runtime: Runtime,
    context: Context,
}

impl Awaited {
    pub(super) fn open(context: Context) -> Outcome<Self> {
        Ok(Self { runtime: peers::runtime()?, context })
    }

    fn socket(&self, kind: SocketType) -> Socket {
        self.context.socket(kind, options(Setting::Default, kind))
    }

    async fn listening(&self, kind: SocketType, address: &str, link: &Link) -> Outcome<Socket> {
        let socket = self.socket(kind);
        socket.bind(address).await?;
        link.ready();
        Ok(socket)
    }

    async fn dialing(&self, kind: SocketType, address: &str) -> Outcome<Socket> {
        let socket = self.socket(kind);
        socket.connect(address).await?;
        Ok(socket)
    }

    pub(super) fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        self.runtime.block_on(async {
            let pull = self.listening(SocketType::Pull, listen, link).await?;
            while arrivals.wanted() {
                arrivals.note(octets(&pull.recv().await?));
            }
            Ok(())
        })
    }

    pub(super) fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        self.runtime.block_on(async {
            let push = self.dialing(SocketType::Push, dial).await?;
            while let Some(letter) = letters.next() {
                push.send(letter.into()).await?;
            }
            link.hold();
            Ok(())
        })
    }

    pub(super) fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        self.runtime.block_on(async {
            let rep = self.listening(SocketType::Rep, listen, link).await?;
            loop {
                let request = rep.recv().await?;
                rep.send(request).await?;
            }
        })
    }

    pub(super) fn req(&self, dial: &str, rounds: &mut Rounds) -> Outcome<()> {
        self.runtime.block_on(async {
            let req = self.dialing(SocketType::Req, dial).await?;
            while let Some(question) = rounds.next() {
                req.send(Message::from_slice(question)).await?;
                rounds.finish(octets(&req.recv().await?));
            }
            Ok(())
        })
    }

    pub(super) fn publish(&self, listen: &str, link: &Link, broadcast: &mut Broadcast) -> Outcome<()> {
        self.runtime.block_on(async {
            let publisher = self.listening(SocketType::Pub, listen, link).await?;
            while let Some((body, _)) = broadcast.next() {
                publisher.send(Message::from_slice(body)).await?;
            }
            Ok(())
        })
    }

    pub(super) fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        self.runtime.block_on(async {
            let mut tasks = Vec::new();
            for _ in 0..audience.seats() {
                let sub = self.dialing(SocketType::Sub, dial).await?;
                sub.subscribe("").await?;
                let mut listener = audience.listener();
                tasks.push(tokio::spawn(async move {
                    while listener.wanted() {
                        listener.note(octets(&sub.recv().await?));
                    }
                    Outcome::Ok(listener.heard())
                }));
            }
            peers::join(tasks).await
        })
    }

    pub(super) fn idle(&self, listen: &str, link: &Link) -> Outcome<()> {
        self.runtime.block_on(async {
            let _pull = self.listening(SocketType::Pull, listen, link).await?;
            link.hold();
            Ok(())
        })
    }
}
