//! hubless, by its blocking calls.

use std::sync::Arc;

use hubless::{Builder, Message, Overflow, Pub, Pull, Push, RecvSocket, Rep, Req, SendSocket, Socket, Sub};

use super::{Peer, TURN};
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Reach, Rounds};

/// Messages of one call of `send_many`, and of `recv_many`.
const SENT_AT_ONCE: usize = 64;
const RECEIVED_AT_ONCE: usize = 256;
/// More connections than any crowd has.
const CROWD: usize = 20_000;
/// The bounds of its queues, where it is given some.
const BUFFERED: usize = 8192;
const BUFFERED_OCTETS: usize = 64 << 20;

pub struct Hubless {
    setting: Setting,
}

impl Hubless {
    fn buffered<S: Socket>(&self, builder: Builder<S>) -> Outcome<S> {
        if self.setting != Setting::Buffers {
            return Ok(builder.build()?);
        }
        let builder = builder.send_buffer(BUFFERED).send_buffer_bytes(BUFFERED_OCTETS);
        Ok(builder.recv_buffer(BUFFERED).recv_buffer_bytes(BUFFERED_OCTETS).build()?)
    }
}

impl Peer for Hubless {
    fn open(setting: Setting) -> Outcome<Self> {
        Ok(Self { setting })
    }

    fn version() -> String {
        format!("{} (this repository)", env!("VERSION_HUBLESS"))
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        let pull = self.buffered(Pull::builder())?;
        pull.listen(listen)?;
        link.ready();
        if self.setting == Setting::Batch {
            while arrivals.wanted() {
                for message in pull.recv_many(RECEIVED_AT_ONCE)? {
                    arrivals.note(&message);
                }
            }
        } else {
            while arrivals.wanted() {
                arrivals.note(&pull.recv()?);
            }
        }
        Ok(())
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        let push = self.buffered(Push::builder())?;
        push.dial(dial)?;
        if self.setting == Setting::Batch {
            while letters.wanted() {
                push.send_many(Messages(letters).take(SENT_AT_ONCE)).map_err(|refused| refused.error)?;
            }
        } else {
            while let Some(letter) = letters.next() {
                push.send(letter)?;
            }
        }
        link.hold();
        Ok(())
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        let rep = Rep::new()?;
        rep.listen(listen)?;
        link.ready();
        loop {
            let request = rep.recv()?;
            let answer = request.message().clone();
            request.reply(answer)?;
        }
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        let req = Req::new()?;
        req.dial(dial)?;
        while let Some(question) = rounds.next() {
            let answer = req.request(question)?;
            rounds.finish(&answer);
        }
        Ok(())
    }

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        if broadcast.reach() == Reach::One {
            return send_all(&Push::new()?, listen, link, broadcast);
        }
        let overflow = if self.setting == Setting::NoDrop { Overflow::Block } else { Overflow::DropNewest };
        send_all(&Pub::builder().overflow(overflow).build()?, listen, link, broadcast)
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        if audience.reach() == Reach::One {
            return receive_all(Pull::new, dial, audience);
        }
        let subscribed = || {
            let sub = Sub::new()?;
            sub.subscribe("")?;
            Ok(sub)
        };
        receive_all(subscribed, dial, audience)
    }

    fn idle(&self, listen: &str, link: &Link) -> Outcome<()> {
        let pull = Pull::builder().max_connections(CROWD).build()?;
        pull.listen(listen)?;
        link.ready();
        link.hold();
        Ok(())
    }
}

fn send_all<S: SendSocket<Outgoing = Message>>(
    socket: &S,
    listen: &str,
    link: &Link,
    broadcast: &mut Broadcast,
) -> Outcome<()> {
    socket.listen(listen)?;
    link.ready();
    while let Some((body, _)) = broadcast.next() {
        socket.send(body)?;
    }
    Ok(())
}

fn receive_all<S: RecvSocket<Incoming = Message>>(
    open: impl Fn() -> Result<S, hubless::Error>,
    dial: &str,
    audience: &Arc<Audience>,
) -> Outcome<Vec<Heard>> {
    let connect = |_| {
        let socket = open()?;
        socket.dial(dial)?;
        Ok(socket)
    };
    let sockets: Outcome<Vec<_>> = (0..audience.seats()).map(connect).collect();
    audience.attend(sockets?, |socket, listener| {
        for message in socket.recv_many(TURN)? {
            listener.note(&message);
        }
        Ok(())
    })
}

impl From<Letter<'_>> for Message {
    #[inline]
    fn from(letter: Letter<'_>) -> Self {
        match letter {
            Letter::Written(octets) => octets.into(),
            Letter::Shared { body, .. } => body.clone().into(),
        }
    }
}

/// Letters as an iterator that owns what it yields.
struct Messages<'a>(&'a mut Letters);

impl Iterator for Messages<'_> {
    type Item = Message;

    #[inline]
    fn next(&mut self) -> Option<Message> {
        self.0.next().map(Message::from)
    }
}
