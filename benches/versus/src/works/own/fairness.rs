//! What somebody gets who asks for little, beside one who takes all there is.

use crate::contestant::Contestant;
use crate::end::{FLOODED, Own, Quiet, Role, Stream};
use crate::measure::{Better, End, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

const SIZE: usize = 64;
/// Round trips of one run.
const TRIPS: u64 = 500;
/// More messages than a process can send while it is let.
const FLOOD: u64 = 1 << 60;

const METRICS: &[Metric] = &[
    Metric { name: "p50", unit: "us", better: Better::Less },
    Metric { name: "p99", unit: "us", better: Better::Less },
    Metric { name: "max", unit: "us", better: Better::Less },
    Metric { name: "shares", unit: "p99 in fair waits", better: Better::Less },
];

#[derive(Debug, Clone, Copy)]
enum Fairness {
    /// A slow thread and a hot one send on one socket that is full.
    Threads,
    /// A quiet socket is served by the background thread that serves a flooded one.
    Sockets { flooded: bool },
    /// So is a timer.
    Timer { flooded: bool },
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let both = [false, true];
    let mut trials = vec![Fairness::Threads];
    trials.extend(both.map(|flooded| Fairness::Sockets { flooded }));
    trials.extend(both.map(|flooded| Fairness::Timer { flooded }));
    trials.into_iter().map(|trial| Box::new(trial) as Box<dyn Trial>).collect()
}

impl Trial for Fairness {
    fn work(&self) -> String {
        "fairness".into()
    }

    fn case(&self) -> String {
        let (what, flooded) = match self {
            Self::Threads => return "slow thread beside a hot one".into(),
            Self::Sockets { flooded } => ("round trip", flooded),
            Self::Timer { flooded } => ("timer of 2 ms", flooded),
        };
        format!("{what} {}", if *flooded { "beside a flood" } else { "alone" })
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        vec![Contestant::HUBLESS]
    }

    fn first_count(&self) -> Option<u64> {
        None
    }

    fn run(&self, contestant: Contestant, _: u64) -> Result<Sample, Trouble> {
        match *self {
            Self::Threads => threads(contestant),
            Self::Sockets { flooded } => sockets(contestant, flooded),
            Self::Timer { flooded } => timer(contestant, flooded),
        }
    }
}

fn threads(contestant: Contestant) -> Result<Sample, Trouble> {
    let until = deadline();
    let at = address(Transport::Tcp)?;
    let mut receiver = start(contestant, Role::Own(Own::LateReceiver { listen: at.clone() }))?;
    receiver.ready(until)?;
    let mut senders = start(contestant, Role::Own(Own::Contenders { dial: at }))?;
    senders.figures(until).map_err(|trouble| receiver.failure().unwrap_or(trouble))
}

fn sockets(contestant: Contestant, flooded: bool) -> Result<Sample, Trouble> {
    let until = deadline();
    let dial = address(Transport::Tcp)?;
    let (mut neighbours, _flood) = neighbours(contestant, Quiet::Answers(dial.clone()), flooded)?;
    let mut req = start(contestant, Role::Req { dial, stream: Stream::new(SIZE, TRIPS) })?;
    req.figures(until).map_err(|trouble| neighbours.failure().unwrap_or(trouble))
}

fn timer(contestant: Contestant, flooded: bool) -> Result<Sample, Trouble> {
    let (mut neighbours, _flood) = neighbours(contestant, Quiet::Timer, flooded)?;
    neighbours.release();
    neighbours.figures(deadline())
}

/// A process with a socket that is flooded, or could be, and who floods it.
fn neighbours(contestant: Contestant, quiet: Quiet, flooded: bool) -> Result<(End, Option<End>), Trouble> {
    let at = address(Transport::Tcp)?;
    let order = Own::Neighbours { flooded: at.clone(), quiet };
    let mut neighbours = start(contestant, Role::Own(order))?;
    neighbours.ready(deadline())?;
    let stream = Stream { warm: 0, ..Stream::new(SIZE, FLOOD) };
    let flood = flooded.then(|| start(contestant, Role::Push { dial: at, stream })).transpose()?;
    if flooded {
        neighbours.expect(FLOODED, deadline())?;
    }
    Ok((neighbours, flood))
}
