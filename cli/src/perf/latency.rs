//! Round trips, one at a time.

use std::time::Duration;

use hdrhistogram::Histogram;
use hubless::{Error, Req};

use super::bodies::Bodies;
use super::line::{Line, float, rounded};
use super::load::Load;
use super::section::{Cpu, Section};
use super::work::Work;
use crate::arguments::perf;
use crate::clock::now;
use crate::exit::Outcome;

/// What takes longer, in nanoseconds, counts as this: a minute.
const LONGEST: u64 = 60_000_000_000;
/// Significant digits of a percentile.
const DIGITS: u8 = 3;

/// What asking has shown.
#[derive(Debug)]
pub(super) struct RoundTrips {
    nanoseconds: Histogram<u64>,
    time: Duration,
    cpu: Option<Cpu>,
    bad: u64,
    work: perf::Work,
}

impl RoundTrips {
    pub(super) fn new(work: perf::Work) -> Result<Self, Outcome> {
        let nanoseconds = Histogram::new_with_bounds(1, LONGEST, DIGITS)
            .map_err(|error| Outcome::failed("cannot make a histogram", error))?;
        Ok(Self { nanoseconds, time: Duration::ZERO, cpu: None, bad: 0, work })
    }

    /// Asks all requests of the load, each when the last is answered, and compares each answer with its request. The clock
    /// runs while a request is sent and until its answer is there; making and comparing messages and working is not measured.
    pub(super) fn ask(&mut self, req: &Req, load: &Load) -> Result<(), Error> {
        let (mut bodies, work) = (Bodies::new(load.size, 0), Work::new(self.work));
        for number in 0..load.warmup {
            work.run();
            req.request(bodies.message(number))?;
        }
        let section = Section::begin();
        for number in load.warmup..load.total() {
            let request = bodies.message(number);
            let expected = request.clone();
            work.run();
            let begun = now();
            let answer = req.request(request)?;
            let taken = now().saturating_duration_since(begun);
            self.nanoseconds.saturating_record(u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX));
            self.bad += u64::from(answer != expected);
        }
        (self.time, self.cpu) = (section.time(), section.cpu());
        Ok(())
    }

    pub(super) fn line(&self, role: &'static str, transport: &str, load: &Load) -> Line {
        let at = |quantile| Some(microseconds(float(self.nanoseconds.value_at_quantile(quantile))));
        let line = Line::new("reqrep", role, transport).measured(load, load.count, Some(self.time));
        Line {
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            mean_us: Some(microseconds(self.nanoseconds.mean())),
            ..line.cpu(self.cpu).bad(self.bad).work(self.work)
        }
    }
}

fn microseconds(nanoseconds: f64) -> f64 {
    rounded(nanoseconds / 1e3, 3)
}
