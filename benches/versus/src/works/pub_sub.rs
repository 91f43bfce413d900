//! One PUB to many SUBs, or one PUSH to many PULLs, counted by messages that are delivered.

use super::{address, deadline, start, ways};
use crate::contestant::{Contestant, Library, Setting};
use crate::end::{GATHERED, Reach, Rhythm, Role, Stream};
use crate::measure::{Better, Metric, Sample, Sweep, Trial, Trouble};
use crate::place::Transport;

const SUBSCRIBERS: [usize; 3] = [8, 64, 512];
const SIZE: usize = 64;
/// Deliveries of the very first run.
const FIRST: u64 = 50_000;

pub(super) const METRICS: &[Metric] = &[
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

pub(super) struct FanOut {
    pub(super) work: String,
    pub(super) case: String,
    pub(super) metrics: &'static [Metric],
    pub(super) contestants: &'static [Contestant],
    pub(super) receivers: usize,
    pub(super) reach: Reach,
    pub(super) rhythm: Rhythm,
    pub(super) sweep: Option<Sweep>,
    pub(super) runs: Option<usize>,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    SUBSCRIBERS.map(|subscribers| Box::new(FanOut::published(subscribers)) as Box<dyn Trial>).into()
}

impl FanOut {
    fn published(subscribers: usize) -> Self {
        Self {
            work: "pub-sub".into(),
            case: format!("{subscribers} SUB"),
            metrics: METRICS,
            contestants: &CONTESTANTS,
            receivers: subscribers,
            reach: Reach::All,
            rhythm: Rhythm::Steady,
            sweep: None,
            runs: None,
        }
    }

    /// How many deliveries a message comes to.
    pub(super) fn each(reach: Reach, receivers: usize) -> usize {
        if reach == Reach::All { receivers } else { 1 }
    }
}

impl Trial for FanOut {
    fn work(&self) -> String {
        self.work.clone()
    }

    fn case(&self) -> String {
        self.case.clone()
    }

    fn metrics(&self) -> &'static [Metric] {
        self.metrics
    }

    fn contestants(&self) -> Vec<Contestant> {
        self.contestants.into()
    }

    fn first_count(&self) -> Option<u64> {
        Some(FIRST / Self::each(self.reach, self.receivers) as u64)
    }

    fn variants(&self, contestant: Contestant) -> Vec<Contestant> {
        ways(contestant, Transport::Tcp)
    }

    fn sweep(&self) -> Option<Sweep> {
        self.sweep
    }

    fn runs(&self) -> Option<usize> {
        self.runs
    }

    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let stream = Stream::new(SIZE, count).with_rhythm(self.rhythm).with_reach(self.reach);
        let subscribers = self.receivers;
        let at = address(Transport::Tcp)?;
        let mut publisher = start(contestant, Role::Publish { listen: at.clone(), stream, subscribers })?;
        publisher.ready(until)?;
        let mut audience = start(contestant, Role::Subscribe { dial: at, stream, subscribers })?;
        audience.expect(GATHERED, until).map_err(|trouble| publisher.blamed(trouble))?;
        publisher.release();
        let mut sample = audience.figures(until).map_err(|trouble| publisher.blamed(trouble))?;
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
