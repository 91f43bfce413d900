//! One way, a single message on a connection that is otherwise idle, though set up to stream.

use crate::contestant::{Contestant, Library};
use crate::end::{Own, Role};
use crate::measure::{Better, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

/// Messages that are timed in one run.
const TIMED: usize = 100;

const METRICS: &[Metric] = &[
    Metric { name: "p50", unit: "us", better: Better::Less },
    Metric { name: "p99", unit: "us", better: Better::Less },
    Metric { name: "max", unit: "us", better: Better::Less },
];

struct Lone {
    /// Messages right before the one that is timed.
    before: usize,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    [0, 1_000].map(|before| Box::new(Lone { before }) as Box<dyn Trial>).into()
}

impl Trial for Lone {
    fn work(&self) -> String {
        "lone-message".into()
    }

    fn case(&self) -> String {
        match self.before {
            0 => "after silence".into(),
            before => format!("the last of {before}"),
        }
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        vec![Contestant::RAW, Contestant::HUBLESS]
    }

    fn first_count(&self) -> Option<u64> {
        None
    }

    fn run(&self, contestant: Contestant, _: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let raw = contestant.library == Library::Raw;
        let (at, count, before) = (address(Transport::Tcp)?, TIMED, self.before);
        let mut receiver =
            start(contestant, Role::Own(Own::LoneReceiver { listen: at.clone(), count, raw }))?;
        receiver.ready(until)?;
        let sender = if raw {
            Own::LoneWriter { dial: at, count, before }
        } else {
            Own::LoneSender { dial: at, count, before }
        };
        let mut sender = start(contestant, Role::Own(sender))?;
        receiver.figures(until).map_err(|trouble| sender.failure().unwrap_or(trouble))
    }
}
