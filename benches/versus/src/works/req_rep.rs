//! Round trips between one REQ and one REP.

use super::{address, deadline};
use crate::contestant::{Contestant, Library, Setting, size_name};
use crate::end::{Order, Role, Stream};
use crate::measure::{Better, End, Metric, Sample, Trial, Trouble};
use crate::place::Transport;

const SIZE: usize = 64;
const FIRST: u64 = 500;

const METRICS: &[Metric] = &[
    Metric { name: "p50", unit: "us", better: Better::Less },
    Metric { name: "p99", unit: "us", better: Better::Less },
    Metric { name: "mean", unit: "us", better: Better::Less },
];

struct ReqRep {
    transport: Transport,
    /// The processor of who answers; who asks is on the first one.
    other: usize,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let places = [
        (Transport::Tcp, 0),
        (Transport::Tcp, 1),
        (Transport::Ipc, 0),
        (Transport::Ipc, 1),
        (Transport::Inproc, 1),
    ];
    places.map(|(transport, other)| Box::new(ReqRep { transport, other }) as Box<dyn Trial>).into()
}

impl Trial for ReqRep {
    fn work(&self) -> String {
        "req-rep".into()
    }

    fn case(&self) -> String {
        let cpus = if self.other == 0 { "one CPU" } else { "two CPUs" };
        format!("{} {}, {cpus}", self.transport, size_name(SIZE))
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        let mut all: Vec<_> = Library::ALL.into_iter().map(Contestant::plain).collect();
        all.push(Contestant::new(Library::Omq, Setting::Blocking));
        all.retain(|one| one.library.goes_over(self.transport));
        all
    }

    fn first_count(&self) -> Option<u64> {
        Some(FIRST)
    }

    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let stream = Stream::new(SIZE, count);
        let address = address(self.transport)?;
        let order = |role, cpu| Order { contestant, role, cpu };
        if self.transport == Transport::Inproc {
            return End::start(&order(Role::ReqRep { address, stream }, None))?.figures(until);
        }
        let mut rep = End::start(&order(Role::Rep { listen: address.clone() }, Some(self.other)))?;
        rep.ready(until)?;
        let mut req = End::start(&order(Role::Req { dial: address, stream }, Some(0)))?;
        req.figures(until).map_err(|trouble| rep.failure().unwrap_or(trouble))
    }
}
