//! How soon a sender that was stopped by a slow receiver goes on.

use std::time::Duration;

use crate::contestant::Contestant;
use crate::end::{Own, Role, Stops, percentiles};
use crate::measure::{Better, End, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

/// The queues of either end and of the system stay full: a burst is less than what they hold.
const STOPS: Stops = Stops { count: 100, stop: Duration::from_millis(10), burst: 32, size: 16 * 1024 };

const METRICS: &[Metric] = &[
    Metric { name: "p50", unit: "us", better: Better::Less },
    Metric { name: "p99", unit: "us", better: Better::Less },
    Metric { name: "messages", unit: "waits", better: Better::More },
];

struct Resume {
    transport: Transport,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    [Transport::Tcp, Transport::Ipc].map(|transport| Box::new(Resume { transport }) as Box<dyn Trial>).into()
}

impl Trial for Resume {
    fn work(&self) -> String {
        "resume".into()
    }

    fn case(&self) -> String {
        self.transport.to_string()
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
        let until = deadline();
        let (at, stops) = (address(self.transport)?, STOPS);
        let mut receiver = start(contestant, Role::Own(Own::SlowReceiver { listen: at.clone(), stops }))?;
        receiver.ready(until)?;
        let mut sender = start(contestant, Role::Own(Own::BlockedSender { dial: at, stops }))?;
        let said = |end: &mut End| end.line(until);
        let starts: Vec<u64> = parsed(&said(&mut receiver)?)?;
        sender.release();
        let waits: Vec<(u64, u64)> = parsed(&said(&mut sender)?)?;
        let taken = waits.iter().filter_map(|wait| resumed(*wait, &starts)).collect();
        Ok(percentiles(taken).into_iter().map(|(name, figure)| (name.to_owned(), figure)).collect())
    }
}

/// From the beginning of the burst that ended this wait to its end.
fn resumed((began, ended): (u64, u64), starts: &[u64]) -> Option<u32> {
    let start = starts.iter().rfind(|start| (began..ended).contains(start))?;
    u32::try_from(ended - start).ok()
}

fn parsed<'a, T: serde::Deserialize<'a>>(line: &'a str) -> Result<T, Trouble> {
    serde_json::from_str(line).map_err(|_| Trouble::Failed(format!("it said {line:?}")))
}
