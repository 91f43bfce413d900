//! What a message costs while many connections are idle.

use crate::contestant::Contestant;
use crate::end::{Kind, Own, Role, Stream};
use crate::measure::{Better, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

const IDLE: [usize; 3] = [10, 1_000, 9_000];
const SIZE: usize = 64;
const FIRST: u64 = 500;

const METRICS: &[Metric] = &[
    Metric { name: "p50", unit: "us", better: Better::Less },
    Metric { name: "mean", unit: "us", better: Better::Less },
];

struct Connections {
    idle: usize,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    IDLE.map(|idle| Box::new(Connections { idle }) as Box<dyn Trial>).into()
}

impl Trial for Connections {
    fn work(&self) -> String {
        "connections".into()
    }

    fn case(&self) -> String {
        format!("{} idle", self.idle)
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

    /// A round trip with one peer, at a socket that has so many others.
    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let dial = address(Transport::Tcp)?;
        let mut rep = start(contestant, Role::Own(Own::CrowdedRep { listen: dial.clone() }))?;
        rep.ready(until)?;
        let crowd = Role::Crowd { dial: dial.clone(), count: self.idle, kind: Kind::SpReq };
        let mut crowd = start(Contestant::RAW, crowd)?;
        crowd.ready(until)?;
        let mut req = start(contestant, Role::Req { dial, stream: Stream::new(SIZE, count) })?;
        req.figures(until).map_err(|trouble| rep.failure().unwrap_or(trouble))
    }
}
