//! Repetitions outermost, contestants inside: what disturbs the machine for a while disturbs all of them.

use std::time::Duration;

use super::{Better, Column, Row, Sample, Taken, Trial, Trouble};
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
    /// Whether each contestant's ways are tried; the first is taken otherwise.
    pub tries_variants: bool,
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
        contestants.filter_map(|contestant| Lane::best(trial, contestant, plan)).collect();
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
    Row { work: trial.work(), case: trial.case(), metrics: trial.metrics(), sweep: trial.sweep(), columns }
}

/// The three that targets compare run in each pair, the others in every third one: a whole run would take too long for
/// anybody to wait for.
fn plays(contestant: Contestant, pair: usize) -> bool {
    matches!(contestant.library, Library::Raw | Library::Hubless | Library::Libzmq) || pair.is_multiple_of(3)
}

/// A contestant on its way through a trial.
struct Lane {
    column: Column,
    /// The contestant, in one of its ways.
    plays_as: Contestant,
    failures: usize,
}

impl Lane {
    /// In the best of its ways.
    fn best(trial: &dyn Trial, contestant: Contestant, plan: &Plan) -> Option<Self> {
        let mut variants = trial.variants(contestant);
        if !plan.tries_variants {
            variants.truncate(1);
        }
        let lane = |plays_as: &Contestant| Self::calibrated(trial, contestant, *plays_as, plan);
        if let [only] = variants.as_slice() {
            return Some(lane(only));
        }
        let metric = trial.metrics().first()?;
        let tried = variants.iter().map(|variant| {
            let mut lane = lane(variant);
            lane.column.variant = Some(*variant);
            let sample = lane.attempt(trial, lane.column.count).unwrap_or_default();
            (sample.get(metric.name).copied(), lane)
        });
        // Who failed is worse than everybody.
        let worth = |figure: Option<f64>| match metric.better {
            Better::More => figure.unwrap_or(f64::NEG_INFINITY),
            Better::Less => figure.map_or(f64::NEG_INFINITY, |figure| -figure),
        };
        tried.max_by(|(one, _), (other, _)| worth(*one).total_cmp(&worth(*other))).map(|(_, lane)| lane)
    }

    /// With a count that makes its runs about as long as planned.
    fn calibrated(trial: &dyn Trial, contestant: Contestant, plays_as: Contestant, plan: &Plan) -> Self {
        let name = contestant.to_string();
        let column = Column { contestant, name, variant: None, count: 0, taken: Vec::new(), trouble: None };
        let mut lane = Self { column, plays_as, failures: 0 };
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
        match trial.run(self.plays_as, count) {
            Ok(sample) => Some(sample),
            Err(trouble) => {
                eprintln!("  {}, {}, {}: {trouble}", trial.work(), trial.case(), self.plays_as);
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

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;
    use crate::contestant::{Floor, Setting};

    const METRICS: &[Metric] = &[Metric { name: "rate", unit: "1/s", better: Better::More }];

    /// The floor writes best with one of its ways, and fails with another.
    struct Writes {
        best: Floor,
        fails: Floor,
    }

    impl Trial for Writes {
        fn work(&self) -> String {
            "writes".into()
        }

        fn case(&self) -> String {
            String::new()
        }

        fn metrics(&self) -> &'static [Metric] {
            METRICS
        }

        fn contestants(&self) -> Vec<Contestant> {
            vec![Contestant::RAW]
        }

        fn first_count(&self) -> Option<u64> {
            None
        }

        fn variants(&self, _: Contestant) -> Vec<Contestant> {
            Floor::contestants()
        }

        fn run(&self, contestant: Contestant, _: u64) -> Result<Sample, Trouble> {
            let Setting::Floor(floor) = contestant.setting else { return Err(Trouble::Hung) };
            if floor == self.fails {
                return Err(Trouble::Hung);
            }
            let rate = if floor == self.best { 3.0 } else { 2.0 };
            Ok(Sample::from([("rate".into(), rate)]))
        }
    }

    fn column(trial: &Writes, tries_variants: bool) -> Column {
        let libraries = vec![Library::Raw];
        let plan = Plan { pairs: 3, length: Duration::ZERO, libraries, tries_variants };
        measure(trial, &plan).columns.remove(0)
    }

    #[test]
    fn the_best_way_of_the_floor_is_measured_under_its_plain_name() {
        let [usual, small, _, _, large] = Floor::ALL;
        let column = column(&Writes { best: small, fails: large }, true);
        assert_eq!(column.contestant, Contestant::RAW);
        assert_eq!(column.variant, Some(Contestant::new(Library::Raw, Setting::Floor(small))));
        assert_eq!((column.median("rate"), column.trouble), (Some(3.0), None));
        let without = self::column(&Writes { best: small, fails: large }, false);
        assert_eq!((without.variant, without.median("rate")), (None, Some(2.0)), "{usual}");
    }
}
