//! What an idle connection costs: memory and threads of a PULL with many that only connected.

use std::thread;
use std::time::{Duration, Instant};

use super::{address, deadline, start};
use crate::Outcome;
use crate::contestant::{Contestant, Library};
use crate::end::{Kind, Role};
use crate::measure::{Better, End, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::system::process;

const CONNECTIONS: [usize; 3] = [1_000, 5_000, 10_000];
const RUNS: usize = 3;
/// Threads of an end that are not the library's.
const OURS: usize = 2;
/// The most that everybody is measured with; the rest is for those whom a target names.
const FOR_ALL: usize = 5_000;
/// Memory that has not changed for so long is settled.
const SETTLED: Duration = Duration::from_millis(200);
const SETTLING: Duration = Duration::from_secs(3);

const METRICS: &[Metric] = &[
    Metric { name: "resident per connection", unit: "KiB", better: Better::Less },
    Metric { name: "allocated per connection", unit: "KiB", better: Better::Less },
    Metric { name: "threads", unit: "", better: Better::Less },
];

struct Idle {
    connections: usize,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    CONNECTIONS.map(|connections| Box::new(Idle { connections }) as Box<dyn Trial>).into()
}

impl Trial for Idle {
    fn work(&self) -> String {
        "idle".into()
    }

    fn case(&self) -> String {
        format!("{} connections", self.connections)
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        let all = Library::ALL.into_iter().filter(|library| *library != Library::Raw).map(Contestant::plain);
        let named = |one: &Contestant| matches!(one.library, Library::Hubless | Library::Libzmq);
        all.filter(|one| self.connections <= FOR_ALL || named(one)).collect()
    }

    fn first_count(&self) -> Option<u64> {
        None
    }

    fn runs(&self) -> Option<usize> {
        Some(RUNS)
    }

    fn run(&self, contestant: Contestant, _: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let at = address(Transport::Tcp)?;
        let mut idle = start(contestant, Role::Idle { listen: at.clone() })?;
        idle.ready(until)?;
        let before = state(&mut idle, until)?;
        let crowd = Role::Crowd { dial: at, count: self.connections, kind: kind(contestant.library) };
        let mut crowd = start(Contestant::RAW, crowd)?;
        crowd.ready(until)?;
        let mut after = state(&mut idle, until)?;
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let connections = self.connections as f64;
        for what in ["resident", "allocated"] {
            let each = (after[what] - before[what]) / connections / 1024.0;
            after.insert(format!("{what} per connection"), each);
        }
        Ok(after)
    }
}

/// What its clients say before they count.
fn kind(library: Library) -> Kind {
    match library {
        Library::Raw | Library::Hubless | Library::Nanomsg | Library::Nng => Kind::SpPush,
        Library::Libzmq | Library::ZmqRs | Library::Rzmq | Library::Omq => Kind::ZmtpPush,
    }
}

/// What the process holds once it does not change any more.
fn state(end: &mut End, until: Instant) -> Result<Sample, Trouble> {
    settle(end.id()).map_err(|error| Trouble::Failed(error.to_string()))?;
    end.release();
    let mut sample = end.figures(until)?;
    let seen = seen(end.id()).map_err(|error| Trouble::Failed(error.to_string()))?;
    sample.extend(seen);
    Ok(sample)
}

fn settle(process: u32) -> Outcome<()> {
    let until = Instant::now() + SETTLING;
    let mut last = process::resident(process)?;
    while Instant::now() < until {
        thread::sleep(SETTLED);
        let now = process::resident(process)?;
        if now == last {
            break;
        }
        last = now;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "sizes of memory stay far below 2^52")]
fn seen(process: u32) -> Outcome<[(String, f64); 2]> {
    let (resident, threads) = (process::resident(process)?, process::threads(process)?.saturating_sub(OURS));
    Ok([("resident".into(), resident as f64), ("threads".into(), threads as f64)])
}
