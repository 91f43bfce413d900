//! Sweeps: one setting grows from trial to trial, so that it is seen where a figure falls off a wall. The sweep over sizes is
//! `push-pull` itself.

use std::time::Duration;

use super::bursts;
use super::pub_sub::{self, FanOut};
use super::push_pull::{self, PushPull};
use crate::contestant::{Contestant, Library, Setting};
use crate::end::{Reach, Rhythm};
use crate::measure::{Slope, Sweep, Trial};
use crate::place::Transport;

/// Runs of each step at most: there are many steps, and a wall is higher than what one run is off.
pub(super) const RUNS: usize = 3;
const SIZE: usize = 64;

/// Microseconds of work between two sends.
const WORK: [u64; 9] = [0, 1, 2, 3, 5, 10, 20, 30, 50];
const PACED_SUBSCRIBERS: [usize; 2] = [8, 64];
const SUBSCRIBERS: [usize; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
const PULLS: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

pub(super) const CONTESTANTS: [Contestant; 3] =
    [Contestant::RAW, Contestant::HUBLESS, Contestant::plain(Library::Libzmq)];
/// A publisher that drops is one thing, and one that waits another.
const PUBLISHERS: [Contestant; 5] = [
    Contestant::RAW,
    Contestant::HUBLESS,
    Contestant::new(Library::Hubless, Setting::NoDrop),
    Contestant::new(Library::Libzmq, Setting::Buffers),
    Contestant::new(Library::Libzmq, Setting::NoDrop),
];

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    let mut trials: Vec<Box<dyn Trial>> = WORK.iter().map(|work| Box::new(paced_push(*work)) as _).collect();
    for subscribers in PACED_SUBSCRIBERS {
        trials.extend(WORK.iter().map(|work| Box::new(paced_pub(subscribers, *work)) as _));
    }
    let pipes = SUBSCRIBERS.iter().map(|subscribers| pipes("pub", Reach::All, *subscribers));
    let pipes = pipes.chain(PULLS.iter().map(|pulls| self::pipes("push", Reach::One, *pulls)));
    trials.extend(pipes.map(|trial| Box::new(trial) as _));
    trials.extend(bursts::trials());
    trials
}

/// Rate by the model: 1 / (W + s), where s is the cost of a send without any work.
fn paced(metric: &'static str, work: Duration, each: usize) -> Sweep {
    Sweep { name: "paced-sender", metric, at: work.as_secs_f64(), each: as_float(each), slope: Slope::Own }
}

fn paced_push(work: u64) -> PushPull {
    let (case, work) = (format!("{work} us"), Duration::from_micros(work));
    PushPull {
        work: "paced-sender-push".into(),
        case,
        metrics: &push_pull::METRICS[..1],
        contestants: &CONTESTANTS,
        transport: Transport::Tcp,
        size: SIZE,
        rhythm: Rhythm::Paced(work),
        sweep: paced("rate", work, 1),
        runs: Some(RUNS),
    }
}

fn paced_pub(subscribers: usize, work: u64) -> FanOut {
    let (case, work) = (format!("{work} us"), Duration::from_micros(work));
    FanOut {
        work: format!("paced-sender-pub-{subscribers}"),
        case,
        metrics: pub_sub::METRICS,
        contestants: &PUBLISHERS,
        receivers: subscribers,
        reach: Reach::All,
        rhythm: Rhythm::Paced(work),
        sweep: Some(paced("deliveries", work, FanOut::each(Reach::All, subscribers))),
        runs: Some(RUNS),
    }
}

/// A delivery costs the same, however many receivers there are.
fn pipes(name: &str, reach: Reach, receivers: usize) -> FanOut {
    let published = reach == Reach::All;
    let (metric, at) = ("deliveries", as_float(receivers));
    FanOut {
        work: format!("pipes-{name}"),
        case: receivers.to_string(),
        // Nobody who pushes drops anything.
        metrics: if published { pub_sub::METRICS } else { &pub_sub::METRICS[..2] },
        contestants: if published { &PUBLISHERS } else { &CONTESTANTS },
        receivers,
        reach,
        rhythm: Rhythm::Steady,
        sweep: Some(Sweep { name: "pipes", metric, at, each: 1.0, slope: Slope::Flat }),
        runs: Some(RUNS),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
fn as_float(count: usize) -> f64 {
    count as f64
}
