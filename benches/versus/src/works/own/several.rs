//! Several pipes, several sockets and several threads, against one of each.

use crate::contestant::Contestant;
use crate::end::{Own, Role, Shape, Stream};
use crate::measure::{Better, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

const SIZE: usize = 64;
const FIRST: u64 = 10_000;

const METRICS: &[Metric] = &[Metric { name: "rate", unit: "messages/s", better: Better::More }];

const ONE: Shape = Shape { sockets: 1, threads: 1 };
const THREADS: Shape = Shape { sockets: 1, threads: 4 };

/// Name, senders, receivers.
const CASES: [(&str, Shape, Shape); 5] = [
    ("1 PUSH to 1 PULL", ONE, ONE),
    ("1 PUSH to 8 PULL", ONE, Shape { sockets: 8, threads: 1 }),
    ("8 PUSH to 1 PULL", Shape { sockets: 8, threads: 1 }, ONE),
    ("4 threads send on one PUSH", THREADS, ONE),
    ("4 threads receive on one PULL", ONE, THREADS),
];

struct Several {
    case: &'static str,
    senders: Shape,
    receivers: Shape,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let trial = |(case, senders, receivers)| Box::new(Several { case, senders, receivers }) as Box<dyn Trial>;
    CASES.map(trial).into()
}

impl Trial for Several {
    fn work(&self) -> String {
        "several".into()
    }

    fn case(&self) -> String {
        self.case.into()
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        vec![Contestant::HUBLESS]
    }

    fn first_count(&self) -> Option<u64> {
        Some(FIRST)
    }

    /// All senders are one process, all receivers another.
    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let stream = Stream::new(SIZE, count);
        let at: Result<Vec<_>, _> = (0..self.receivers.sockets).map(|_| address(Transport::Tcp)).collect();
        let at = at?;
        let receivers = Own::Receivers { listen: at.clone(), shape: self.receivers, stream };
        let mut receivers = start(contestant, Role::Own(receivers))?;
        receivers.ready(until)?;
        let senders = Own::Senders { dial: at, shape: self.senders, stream };
        let mut senders = start(contestant, Role::Own(senders))?;
        receivers.figures(until).map_err(|trouble| senders.failure().unwrap_or(trouble))
    }
}
