//! Bursts with pauses between them: when the last message of one arrives.

use std::time::Duration;

use super::push_pull::apart;
use super::{address, sweeps};
use crate::contestant::Contestant;
use crate::end::{Rhythm, Stream};
use crate::measure::{Better, Metric, Sample, Slope, Sweep, Trial, Trouble};
use crate::place::Transport;

const MESSAGES: [u64; 9] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];
const SIZE: usize = 64;
/// Long enough for everything to come to rest.
const PAUSE: Duration = Duration::from_millis(5);
/// Bursts before those that are timed.
const WARM: u64 = 5;
/// Bursts that are timed in one run.
const TIMED: u64 = 60;

const METRICS: &[Metric] = &[
    Metric { name: "p50", unit: "us until the last is here", better: Better::Less },
    Metric { name: "p99", unit: "us until the last is here", better: Better::Less },
    Metric { name: "rate", unit: "messages/s within a burst", better: Better::More },
];

struct Bursts {
    messages: u64,
}

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    MESSAGES.map(|messages| Box::new(Bursts { messages }) as Box<dyn Trial>).into()
}

impl Bursts {
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    fn size(&self) -> f64 {
        self.messages as f64
    }
}

impl Trial for Bursts {
    fn work(&self) -> String {
        "bursts".into()
    }

    fn case(&self) -> String {
        self.messages.to_string()
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        sweeps::CONTESTANTS.into()
    }

    fn first_count(&self) -> Option<u64> {
        None
    }

    fn sweep(&self) -> Option<Sweep> {
        Some(Sweep { name: "bursts", metric: "p50", at: self.size(), each: 1.0, slope: Slope::Least })
    }

    fn runs(&self) -> Option<usize> {
        Some(sweeps::RUNS)
    }

    fn run(&self, contestant: Contestant, _: u64) -> Result<Sample, Trouble> {
        let rhythm = Rhythm::Bursts { messages: self.messages, pause: PAUSE };
        let stream = Stream {
            warm: WARM * self.messages,
            ..Stream::new(SIZE, TIMED * self.messages).with_rhythm(rhythm)
        };
        let mut sample = apart(contestant, &address(Transport::Tcp)?, stream)?;
        sample.insert("rate".into(), self.size() / sample["p50"] * 1e6);
        Ok(sample)
    }
}
