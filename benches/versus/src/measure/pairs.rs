//! Repetitions outermost, contestants inside: what disturbs the machine for a while disturbs all of them.

use std::time::Duration;

use super::{Column, Row, Sample, Taken, Trial, Trouble};
use crate::contestant::{Contestant, Library};

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Repetitions.
    pub pairs: usize,
    /// How long a run takes, about.
    pub length: Duration,
    /// Who takes part.
    pub libraries: Vec<Library>,
}

/// A run of at least this part of the length tells the rate well enough.
const TELLING: f64 = 0.1;
/// Growth from one run that was too short to the next.
const GROWTH: f64 = 50.0;
/// Runs that may be too short.
const ATTEMPTS: usize = 6;
/// Messages that a run has at least, so that percentiles mean something.
const FEWEST: u64 = 20;
/// Runs that may fail before a contestant is left alone.
const FAILURES: usize = 2;

/// Measures one row.
pub fn measure(trial: &dyn Trial, plan: &Plan) -> Row {
    let takes_part = |one: &Contestant| plan.libraries.contains(&one.library) && one.library.is_built();
    let contestants = trial.contestants().into_iter().filter(takes_part);
    let mut lanes: Vec<Lane> =
        contestants.map(|contestant| Lane::calibrated(trial, contestant, plan)).collect();
    let pairs = trial.runs().map_or(plan.pairs, |runs| runs.min(plan.pairs));
    for pair in 0..pairs {
        for lane in &mut lanes {
            if plays(lane.column.contestant, pair) {
                lane.run(trial, pair);
            }
        }
        // In turn from either end, so that nobody always runs after the same one.
        lanes.reverse();
    }
    if pairs % 2 == 1 {
        lanes.reverse();
    }
    let columns = lanes.into_iter().map(|lane| lane.column).collect();
    Row { work: trial.work(), case: trial.case(), metrics: trial.metrics(), columns }
}

/// The three that targets compare run in each pair, the others in every third one: a whole run would take too long for
/// anybody to wait for.
fn plays(contestant: Contestant, pair: usize) -> bool {
    matches!(contestant.library, Library::Raw | Library::Hubless | Library::Libzmq) || pair.is_multiple_of(3)
}

/// A contestant on its way through a trial.
struct Lane {
    column: Column,
    failures: usize,
}

impl Lane {
    /// With a count that makes its runs about as long as planned.
    fn calibrated(trial: &dyn Trial, contestant: Contestant, plan: &Plan) -> Self {
        let name = contestant.to_string();
        let column = Column { contestant, name, count: 0, taken: Vec::new(), trouble: None };
        let mut lane = Self { column, failures: 0 };
        if let Some(first) = trial.first_count() {
            lane.calibrate(trial, first, plan.length.as_secs_f64());
        }
        lane
    }

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn calibrate(&mut self, trial: &dyn Trial, first: u64, length: f64) {
        let mut count = first;
        for _ in 0..ATTEMPTS {
            self.column.count = count;
            let Some(sample) = self.attempt(trial, count) else { continue };
            let (Some(messages), Some(seconds)) = (sample.get("messages"), sample.get("seconds")) else {
                return;
            };
            let right = (messages / seconds.max(1e-6) * length).max(1.0);
            if *seconds >= length * TELLING {
                self.column.count = (right as u64).max(FEWEST);
                return;
            }
            count = right.min(count as f64 * GROWTH) as u64;
        }
    }

    fn run(&mut self, trial: &dyn Trial, pair: usize) {
        if let Some(sample) = self.attempt(trial, self.column.count) {
            let sample = sample.into_iter().map(|(name, figure)| (name, rounded(figure))).collect();
            self.column.taken.push(Taken { pair, sample });
        }
    }

    fn attempt(&mut self, trial: &dyn Trial, count: u64) -> Option<Sample> {
        if self.failures >= FAILURES {
            return None;
        }
        let contestant = self.column.contestant;
        match trial.run(contestant, count) {
            Ok(sample) => Some(sample),
            Err(trouble) => {
                eprintln!("  {}, {}, {contestant}: {trouble}", trial.work(), trial.case());
                self.failures += 1;
                self.column.trouble = Some(match (trouble, self.column.trouble.take()) {
                    (Trouble::Hung, Some(before)) => before,
                    (trouble, _) => trouble,
                });
                None
            }
        }
    }
}

/// With six digits that count: more say nothing, and fill files.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(figure)
}
