//! hubless, by its blocking calls.

use hubless::{Message, Pull, Push, Rep, Req};

use super::Peer;
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Letter, Letters, Link, Rounds};

/// Messages of one call of `send_many`, and of `recv_many`.
const SENT_AT_ONCE: usize = 64;
const RECEIVED_AT_ONCE: usize = 256;

pub struct Hubless {
    setting: Setting,
}

impl Peer for Hubless {
    fn open(setting: Setting) -> Outcome<Self> {
        Ok(Self { setting })
    }

    fn version() -> String {
        format!("{} (this repository)", env!("CARGO_PKG_VERSION"))
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        let pull = Pull::new()?;
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
        let push = Push::new()?;
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
