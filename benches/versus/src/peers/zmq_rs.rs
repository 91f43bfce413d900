//! zmq.rs (crate `zeromq`), on tokio.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Runtime;
use zeromq::{
    PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, Socket, SocketOptions, SocketRecv, SocketSend,
    SubSocket, ZmqMessage,
};

use super::Peer;
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Rounds};

/// Its read buffer, where it is given one: at first, at most, and short reads before it shrinks.
const READ_BUFFER: (usize, usize, usize) = (64 * 1024, 256 * 1024, 8);

pub struct ZmqRs {
    runtime: Runtime,
    setting: Setting,
}

impl ZmqRs {
    fn socket<S: Socket>(&self) -> S {
        let mut options = SocketOptions::default();
        if self.setting == Setting::Buffers {
            let (first, most, short) = READ_BUFFER;
            options.read_buffer(first, most, short);
        }
        S::with_options(options)
    }

    async fn listening<S: Socket>(&self, address: &str, link: &Link) -> Outcome<S> {
        let mut socket: S = self.socket();
        socket.bind(address).await?;
        link.ready();
        Ok(socket)
    }

    async fn dialing<S: Socket>(&self, address: &str) -> Outcome<S> {
        let mut socket: S = self.socket();
        socket.connect(address).await?;
        Ok(socket)
    }
}

impl Peer for ZmqRs {
    fn open(setting: Setting) -> Outcome<Self> {
        Ok(Self { runtime: super::runtime()?, setting })
    }

    fn version() -> String {
        env!("VERSION_ZEROMQ").into()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        self.runtime.block_on(async {
            let mut pull: PullSocket = self.listening(listen, link).await?;
            while arrivals.wanted() {
                arrivals.note(octets(&pull.recv().await?));
            }
            Ok(())
        })
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        self.runtime.block_on(async {
            let mut push: PushSocket = self.dialing(dial).await?;
            while let Some(letter) = letters.next() {
                push.send(letter.into()).await?;
            }
            link.hold();
            Ok(())
        })
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        self.runtime.block_on(async {
            let mut rep: RepSocket = self.listening(listen, link).await?;
            loop {
                let request = rep.recv().await?;
                rep.send(request).await?;
            }
        })
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        self.runtime.block_on(async {
            let mut req: ReqSocket = self.dialing(dial).await?;
            while let Some(question) = rounds.next() {
                req.send(Bytes::copy_from_slice(question).into()).await?;
                rounds.finish(octets(&req.recv().await?));
            }
            Ok(())
        })
    }

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        self.runtime.block_on(async {
            let mut publisher: PubSocket = self.listening(listen, link).await?;
            while let Some((body, _)) = broadcast.next() {
                publisher.send(Bytes::copy_from_slice(body).into()).await?;
            }
            Ok(())
        })
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        self.runtime.block_on(async {
            let mut tasks = Vec::new();
            for _ in 0..audience.seats() {
                let mut sub: SubSocket = self.dialing(dial).await?;
                sub.subscribe("").await?;
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
            let _pull: PullSocket = self.listening(listen, link).await?;
            link.hold();
            Ok(())
        })
    }
}

impl From<Letter<'_>> for ZmqMessage {
    #[inline]
    fn from(letter: Letter<'_>) -> Self {
        match letter {
            Letter::Written(octets) => Bytes::copy_from_slice(octets).into(),
            Letter::Shared { body, .. } => body.clone().into(),
        }
    }
}

#[inline]
fn octets(message: &ZmqMessage) -> &[u8] {
    message.get(0).map_or(&[], |frame| frame)
}
