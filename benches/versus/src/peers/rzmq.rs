//! rzmq, on tokio.

use std::sync::Arc;

use rzmq::socket::options::{RCVHWM, SNDHWM, SUBSCRIBE, XPUB_NODROP};
use rzmq::{Context, Msg, Socket, SocketType};
use tokio::runtime::Runtime;

use super::Peer;
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Rounds};

/// The bound of its queues, where it is given one: as in its own measurements.
const HIGH_WATER: i32 = 100_000;

pub struct Rzmq {
    runtime: Runtime,
    context: Context,
    setting: Setting,
}

impl Rzmq {
    async fn socket(&self, kind: SocketType) -> Outcome<Socket> {
        let socket = self.context.socket(kind)?;
        if self.setting == Setting::Buffers {
            socket.set_option(SNDHWM, HIGH_WATER).await?;
            socket.set_option(RCVHWM, HIGH_WATER).await?;
        }
        if self.setting == Setting::NoDrop && kind == SocketType::Pub {
            socket.set_option(XPUB_NODROP, 1).await?;
        }
        Ok(socket)
    }

    async fn listening(&self, kind: SocketType, address: &str, link: &Link) -> Outcome<Socket> {
        let socket = self.socket(kind).await?;
        socket.bind(address).await?;
        link.ready();
        Ok(socket)
    }

    async fn dialing(&self, kind: SocketType, address: &str) -> Outcome<Socket> {
        let socket = self.socket(kind).await?;
        socket.connect(address).await?;
        Ok(socket)
    }
}

impl Peer for Rzmq {
    fn open(setting: Setting) -> Outcome<Self> {
        let runtime = super::runtime()?;
        let context = runtime.block_on(async { Context::new() })?;
        Ok(Self { runtime, context, setting })
    }

    fn version() -> String {
        env!("VERSION_RZMQ").into()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        self.runtime.block_on(async {
            let pull = self.listening(SocketType::Pull, listen, link).await?;
            while arrivals.wanted() {
                arrivals.note(octets(&pull.recv().await?));
            }
            Ok(())
        })
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        self.runtime.block_on(async {
            let push = self.dialing(SocketType::Push, dial).await?;
            while let Some(letter) = letters.next() {
                push.send(letter.into()).await?;
            }
            link.hold();
            Ok(())
        })
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        self.runtime.block_on(async {
            let rep = self.listening(SocketType::Rep, listen, link).await?;
            loop {
                let request = rep.recv().await?;
                rep.send(request).await?;
            }
        })
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        self.runtime.block_on(async {
            let req = self.dialing(SocketType::Req, dial).await?;
            while let Some(question) = rounds.next() {
                req.send(Msg::from_vec(question.to_vec())).await?;
                rounds.finish(octets(&req.recv().await?));
            }
            Ok(())
        })
    }

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        self.runtime.block_on(async {
            let publisher = self.listening(SocketType::Pub, listen, link).await?;
            while let Some((body, _)) = broadcast.next() {
                publisher.send(Msg::from_vec(body.to_vec())).await?;
            }
            Ok(())
        })
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        self.runtime.block_on(async {
            let mut tasks = Vec::new();
            for _ in 0..audience.seats() {
                let sub = self.socket(SocketType::Sub).await?;
                sub.set_option(SUBSCRIBE, b"").await?;
                sub.connect(dial).await?;
                let mut listener = audience.listener();
                tasks.push(tokio::spawn(async move {
                    while listener.wanted() {
                        listener.note(octets(&sub.recv().await?));
                    }
                    Outcome::Ok(listener.heard())
                }));
            }
            super::join(tasks).await
        })
    }

    fn idle(&self, listen: &str, link: &Link) -> Outcome<()> {
        self.runtime.block_on(async {
            let _pull = self.listening(SocketType::Pull, listen, link).await?;
            link.hold();
            Ok(())
        })
    }
}

impl From<Letter<'_>> for Msg {
    #[inline]
    fn from(letter: Letter<'_>) -> Self {
        match letter {
            Letter::Written(octets) => Self::from_vec(octets.to_vec()),
            Letter::Shared { body, .. } => Self::from_bytes(body.clone()),
        }
    }
}

#[inline]
fn octets(message: &Msg) -> &[u8] {
    message.data().unwrap_or_default()
}
