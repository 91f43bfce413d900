//! The floor: what the system itself costs, with nothing between the caller and the calls.

mod channel;
mod fan_out;
mod inflow;
mod ping_pong;
mod stream;
mod wire;

use std::sync::Arc;

use super::Peer;
use crate::Outcome;
use crate::contestant::{Floor, Setting};
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letters, Link, Rounds};
use channel::Channels;

#[derive(Debug)]
pub struct Raw {
    floor: Floor,
    inproc: Channels,
}

impl Peer for Raw {
    fn open(setting: Setting) -> Outcome<Self> {
        Ok(Self { floor: setting.floor(), inproc: Channels::default() })
    }

    fn version() -> String {
        "system calls; crossbeam-channel for inproc".into()
    }

    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        if is_inproc(listen) {
            return self.inproc.pull(link, arrivals);
        }
        stream::read(&mut *wire::accept(listen, link, self.floor)?, arrivals)
    }

    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()> {
        if is_inproc(dial) {
            self.inproc.push(letters)?;
        } else {
            stream::write(&mut *wire::connect(dial, self.floor)?, letters, self.floor.write)?;
        }
        link.hold();
        Ok(())
    }

    fn rep(&self, listen: &str, link: &Link) -> Outcome<()> {
        if is_inproc(listen) {
            return self.inproc.rep(link);
        }
        ping_pong::answer(&mut *wire::accept(listen, link, self.floor)?)
    }

    fn req(&self, dial: &str, _: &Link, rounds: &mut Rounds) -> Outcome<()> {
        if is_inproc(dial) {
            return self.inproc.req(rounds);
        }
        ping_pong::ask(&mut *wire::connect(dial, self.floor)?, rounds)
    }

    fn publish(
        &self,
        listen: &str,
        link: &Link,
        subscribers: usize,
        broadcast: &mut Broadcast,
    ) -> Outcome<()> {
        fan_out::publish((listen, self.floor), link, subscribers, broadcast)
    }

    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
        fan_out::subscribe(dial, audience)
    }

    fn idle(&self, _: &str, _: &Link) -> Outcome<()> {
        Err("a connection alone holds nothing but a descriptor".into())
    }
}

fn is_inproc(address: &str) -> bool {
    address.starts_with("inproc:")
}
