//! Round trips beside neighbours that always want a processor: nobody who spins gets anywhere here.

use crate::contestant::Contestant;
use crate::end::{Own, Role, Stream};
use crate::measure::{Better, End, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

const NEIGHBOURS: usize = 2;
const SIZE: usize = 64;
const FIRST: u64 = 100;

const METRICS: &[Metric] = &[
    Metric { name: "mean", unit: "us", better: Better::Less },
    Metric { name: "p50", unit: "us", better: Better::Less },
    Metric { name: "p99", unit: "us", better: Better::Less },
];

struct Busy;

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    vec![Box::new(Busy)]
}

impl Trial for Busy {
    fn work(&self) -> String {
        "busy-neighbours".into()
    }

    fn case(&self) -> String {
        format!("beside {NEIGHBOURS} that use a CPU each")
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        vec![Contestant::RAW, Contestant::HUBLESS]
    }

    fn first_count(&self) -> Option<u64> {
        Some(FIRST)
    }

    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let neighbours: Result<Vec<End>, _> =
            (0..NEIGHBOURS).map(|_| start(Contestant::RAW, Role::Own(Own::Spin))).collect();
        let mut neighbours = neighbours?;
        for neighbour in &mut neighbours {
            neighbour.ready(until)?;
        }
        let dial = address(Transport::Tcp)?;
        let mut rep = start(contestant, Role::Rep { listen: dial.clone() })?;
        rep.ready(until)?;
        let mut req = start(contestant, Role::Req { dial, stream: Stream::new(SIZE, count) })?;
        req.figures(until).map_err(|trouble| rep.failure().unwrap_or(trouble))
    }
}
