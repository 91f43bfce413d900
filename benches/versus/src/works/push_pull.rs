//! Throughput from one PUSH to one PULL.

use super::{address, deadline, start, ways};
use crate::contestant::{Contestant, Library, Setting, size_name};
use crate::end::{Rhythm, Role, Stream};
use crate::measure::{Better, Metric, Sample, Slope, Sweep, Trial, Trouble};
use crate::place::Transport;

/// By fours, so that no wall between two sizes goes unseen.
const SIZES: [usize; 11] =
    [16, 64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20];
/// Octets of the very first run.
const FIRST: usize = 8 << 20;

pub(super) const METRICS: &[Metric] = &[
    Metric { name: "rate", unit: "messages/s", better: Better::More },
    Metric { name: "cpu per million", unit: "s", better: Better::Less },
];

const CONTESTANTS: [Contestant; 17] = [
    Contestant::RAW,
    Contestant::HUBLESS,
    Contestant::new(Library::Hubless, Setting::Batch),
    Contestant::new(Library::Hubless, Setting::Buffers),
    Contestant::plain(Library::Libzmq),
    Contestant::new(Library::Libzmq, Setting::Buffers),
    Contestant::plain(Library::Nanomsg),
    Contestant::new(Library::Nanomsg, Setting::Buffers),
    Contestant::plain(Library::Nng),
    Contestant::new(Library::Nng, Setting::Buffers),
    Contestant::plain(Library::ZmqRs),
    Contestant::new(Library::ZmqRs, Setting::Buffers),
    Contestant::plain(Library::Rzmq),
    Contestant::new(Library::Rzmq, Setting::Buffers),
    Contestant::plain(Library::Omq),
    Contestant::new(Library::Omq, Setting::Blocking),
    Contestant::new(Library::Omq, Setting::Buffers),
];

pub(super) struct PushPull {
    pub(super) work: String,
    pub(super) case: String,
    pub(super) metrics: &'static [Metric],
    pub(super) contestants: &'static [Contestant],
    pub(super) transport: Transport,
    pub(super) size: usize,
    pub(super) rhythm: Rhythm,
    pub(super) sweep: Sweep,
    pub(super) runs: Option<usize>,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let of = |transport| SIZES.map(|size| Box::new(PushPull::sized(transport, size)) as Box<dyn Trial>);
    Transport::ALL.into_iter().flat_map(of).collect()
}

impl PushPull {
    #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
    fn sized(transport: Transport, size: usize) -> Self {
        Self {
            work: format!("push-pull-{transport}"),
            case: size_name(size),
            metrics: METRICS,
            contestants: &CONTESTANTS,
            transport,
            size,
            rhythm: Rhythm::Steady,
            sweep: Sweep { name: "sizes", metric: "rate", at: size as f64, each: 1.0, slope: Slope::Least },
            runs: None,
        }
    }
}

impl Trial for PushPull {
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
        self.contestants.iter().copied().filter(|one| one.library.goes_over(self.transport)).collect()
    }

    fn first_count(&self) -> Option<u64> {
        Some((FIRST / self.size).clamp(32, 10_000) as u64)
    }

    fn variants(&self, contestant: Contestant) -> Vec<Contestant> {
        ways(contestant, self.transport)
    }

    fn sweep(&self) -> Option<Sweep> {
        Some(self.sweep)
    }

    fn runs(&self) -> Option<usize> {
        self.runs
    }

    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let stream = Stream::new(self.size, count).with_rhythm(self.rhythm);
        let address = address(self.transport)?;
        let mut sample = match self.transport {
            Transport::Inproc => together(contestant, address, stream)?,
            _ => apart(contestant, &address, stream)?,
        };
        let (messages, seconds) = (sample["messages"], sample["seconds"]);
        sample.insert("rate".into(), messages / seconds);
        let spent: f64 = ["sender cpu", "receiver cpu"].iter().filter_map(|side| sample.get(*side)).sum();
        sample.insert("cpu per million".into(), spent / messages * 1e6);
        Ok(sample)
    }
}

/// A process for each end.
pub(super) fn apart(contestant: Contestant, address: &str, stream: Stream) -> Result<Sample, Trouble> {
    let until = deadline();
    let mut receiver = start(contestant, Role::Pull { listen: address.into(), stream })?;
    receiver.ready(until)?;
    let mut sender = start(contestant, Role::Push { dial: address.into(), stream })?;
    let mut sample = receiver.figures(until).map_err(|trouble| sender.failure().unwrap_or(trouble))?;
    sender.release();
    sample.append(&mut sender.figures(until)?);
    Ok(sample)
}

/// A thread for each end; what the process uses counts for both.
fn together(contestant: Contestant, address: String, stream: Stream) -> Result<Sample, Trouble> {
    start(contestant, Role::PushPull { address, stream })?.figures(deadline())
}
