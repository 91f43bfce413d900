//! One PUB to many SUBs, counted by messages that are delivered.

use super::{address, deadline, start};
use crate::contestant::{Contestant, Library, Setting};
use crate::end::{GATHERED, Role, Stream};
use crate::measure::{Better, Metric, Sample, Trial, Trouble};
use crate::place::Transport;

const SUBSCRIBERS: [usize; 3] = [8, 64, 512];
const SIZE: usize = 64;
/// Deliveries of the very first run.
const FIRST: u64 = 50_000;

const METRICS: &[Metric] = &[
    Metric { name: "deliveries", unit: "1/s", better: Better::More },
    Metric { name: "publisher cpu per delivery", unit: "ns", better: Better::Less },
    Metric { name: "lost", unit: "part of all", better: Better::Less },
];

const CONTESTANTS: [Contestant; 15] = [
    Contestant::RAW,
    Contestant::HUBLESS,
    Contestant::new(Library::Hubless, Setting::NoDrop),
    Contestant::plain(Library::Libzmq),
    Contestant::new(Library::Libzmq, Setting::Buffers),
    Contestant::new(Library::Libzmq, Setting::NoDrop),
    Contestant::plain(Library::Nanomsg),
    Contestant::new(Library::Nanomsg, Setting::Buffers),
    Contestant::plain(Library::Nng),
    Contestant::new(Library::Nng, Setting::Buffers),
    Contestant::plain(Library::ZmqRs),
    Contestant::plain(Library::Rzmq),
    Contestant::new(Library::Rzmq, Setting::NoDrop),
    Contestant::plain(Library::Omq),
    Contestant::new(Library::Omq, Setting::NoDrop),
];

struct PubSub {
    subscribers: usize,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    SUBSCRIBERS.map(|subscribers| Box::new(PubSub { subscribers }) as Box<dyn Trial>).into()
}

impl Trial for PubSub {
    fn work(&self) -> String {
        "pub-sub".into()
    }

    fn case(&self) -> String {
        format!("{} SUB", self.subscribers)
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        CONTESTANTS.into()
    }

    fn first_count(&self) -> Option<u64> {
        Some(FIRST / self.subscribers as u64)
    }

    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let (stream, subscribers) = (Stream::new(SIZE, count), self.subscribers);
        let at = address(Transport::Tcp)?;
        let mut publisher = start(contestant, Role::Publish { listen: at.clone(), stream, subscribers })?;
        publisher.ready(until)?;
        let mut audience = start(contestant, Role::Subscribe { dial: at, stream, subscribers })?;
        let line = audience.line(until).map_err(|trouble| publisher.failure().unwrap_or(trouble))?;
        if line != GATHERED {
            return Err(Trouble::Failed(format!("it said {line:?}")));
        }
        publisher.release();
        let mut sample = audience.figures(until).map_err(|trouble| publisher.failure().unwrap_or(trouble))?;
        publisher.release();
        sample.append(&mut publisher.figures(until)?);
        let (began, ended) = (sample.remove("began"), sample.remove("ended"));
        let seconds = began.zip(ended).map_or(f64::NAN, |(began, ended)| (ended - began) / 1e9);
        sample.insert("seconds".into(), seconds);
        let delivered = sample["delivered"];
        sample.insert("deliveries".into(), delivered / seconds);
        sample.insert("publisher cpu per delivery".into(), sample["publisher cpu"] / delivered * 1e9);
        Ok(sample)
    }
}
