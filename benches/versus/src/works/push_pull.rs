//! Throughput from one PUSH to one PULL.

use super::{address, deadline, size_name, start};
use crate::contestant::{Contestant, Library, Setting};
use crate::end::{Role, Stream};
use crate::measure::{Better, Metric, Sample, Trial, Trouble};
use crate::place::Transport;

const SIZES: [usize; 7] = [16, 64, 256, 1024, 4096, 65_536, 1_048_576];
/// Octets of the very first run.
const FIRST: usize = 8 << 20;

const METRICS: &[Metric] = &[
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

struct PushPull {
    transport: Transport,
    size: usize,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let of = |transport| SIZES.map(|size| Box::new(PushPull { transport, size }) as Box<dyn Trial>);
    Transport::ALL.into_iter().flat_map(of).collect()
}

impl Trial for PushPull {
    fn work(&self) -> String {
        format!("push-pull-{}", self.transport)
    }

    fn case(&self) -> String {
        size_name(self.size)
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        CONTESTANTS.into_iter().filter(|one| one.library.goes_over(self.transport)).collect()
    }

    fn first_count(&self) -> Option<u64> {
        Some((FIRST / self.size).clamp(32, 10_000) as u64)
    }

    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let stream = Stream::new(self.size, count);
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
fn apart(contestant: Contestant, address: &str, stream: Stream) -> Result<Sample, Trouble> {
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
