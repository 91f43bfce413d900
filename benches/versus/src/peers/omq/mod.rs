//! omq (crate `omq-tokio`), whose context has an I/O thread of its own: awaited on tokio, or by its blocking calls.

mod awaited;
mod blocking;

use std::sync::Arc;

use omq_tokio::{Context, Message, Options, SocketType};

use super::Peer;
use crate::Outcome;
use crate::contestant::Setting;
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letter, Letters, Link, Rounds};
use awaited::Awaited;
use blocking::Blocking;

/// The bound of its queues, where it is given one.
const HIGH_WATER: u32 = 100_000;

pub enum Omq {
    Awaited(Awaited),
    Blocking(Blocking),
}

/// The same role, of either interface.
macro_rules! either {
    ($omq:expr, $role:ident($($argument:expr),*)) => {
        match $omq {
            Omq::Awaited(omq) => omq.$role($($argument),*),
            Omq::Blocking(omq) => omq.$role($($argument),*),
        }
    };
}

impl Peer for Omq {
    fn open(setting: Setting) -> Outcome<Self> {
        let context = Context::new();
        Ok(match setting {
            Setting::Default => Self::Awaited(Awaited::open(context)?),
            _ => Self::Blocking(Blocking::open(context, setting)),
        })
    }

    fn version() -> String {
        env!("VERSION_OMQ_TOKIO").into()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        either!(self, pull(listen, link, arrivals))
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        either!(self, push(dial, link, letters))
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        either!(self, rep(listen, link))
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        either!(self, req(dial, rounds))
    }

    fn publish(&self, listen: &str, link: &Link, _: usize, broadcast: &mut Broadcast) -> Outcome<()> {
        either!(self, publish(listen, link, broadcast))
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        either!(self, subscribe(dial, audience))
    }

    fn idle(&self, listen: &str, link: &Link) -> Outcome<()> {
        either!(self, idle(listen, link))
    }
}

fn options(setting: Setting, kind: SocketType) -> Options {
    let mut options = Options::default();
    if setting == Setting::Buffers {
        options = options.send_hwm(HIGH_WATER).recv_hwm(HIGH_WATER);
    }
    options.xpub_nodrop = setting == Setting::NoDrop && kind == SocketType::Pub;
    options
}

impl From<Letter<'_>> for Message {
    #[inline]
    fn from(letter: Letter<'_>) -> Self {
        match letter {
            Letter::Written(octets) => Self::from_slice(octets),
            Letter::Shared { body, .. } => Self::single(body.clone()),
        }
    }
}

#[inline]
fn octets(message: &Message) -> &[u8] {
    message.get(0).unwrap_or_default()
}
