//! A sweep: the same work at one setting after the other, and what a simple model says of how its cost grows.

use serde::Serialize;

use super::{Better, Row};
use crate::contestant::Contestant;

/// One step of a sweep: the cost of a message here is that of the first step, and what the setting adds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sweep {
    /// All works of one kind.
    pub name: &'static str,
    /// What is compared; a rate is the inverse of a cost.
    pub metric: &'static str,
    /// The setting: seconds of work, connections, bytes, messages.
    pub at: f64,
    /// What the metric counts for one message.
    pub each: f64,
    pub slope: Slope,
}

/// What a unit of the setting adds to the cost of a message.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slope {
    /// Nothing: the cost is the same at every step.
    Flat,
    /// Itself: the setting is a time.
    Own,
    /// As little as at the step where a unit costs least.
    Least,
}

/// What one contestant did at the steps of a sweep, beside what the model says, in the unit of the metric.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    pub metric: &'static str,
    pub steps: Vec<Step<'a>>,
    pub better: Better,
}

#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub case: &'a str,
    pub figure: f64,
    pub model: f64,
}

impl<'a> Curve<'a> {
    /// Of the rows of one work in the order of their settings; `None` where there are not two steps.
    pub fn new(rows: &[&'a Row], contestant: Contestant) -> Option<Self> {
        let measured = |row: &&'a Row| {
            let sweep = row.sweep?;
            let figure = row.column(contestant)?.median(sweep.metric)?;
            (figure > 0.0 && figure.is_finite()).then_some((row.case.as_str(), sweep, figure))
        };
        let measured: Vec<_> = rows.iter().filter_map(measured).collect();
        let (_, first, at_first) = *measured.first()?;
        let better = rows.first()?.metrics.iter().find(|metric| metric.name == first.metric)?.better;
        let cost = |sweep: Sweep, figure: f64| match better {
            Better::More => sweep.each / figure,
            Better::Less => figure,
        };
        let slope = match first.slope {
            Slope::Flat => 0.0,
            Slope::Own => 1.0,
            Slope::Least => measured
                .iter()
                .map(|(_, sweep, figure)| cost(*sweep, *figure) / sweep.at)
                .fold(f64::MAX, f64::min),
        };
        let base = cost(first, at_first) - slope * first.at;
        let step = |&(case, sweep, figure): &(&'a str, Sweep, f64)| {
            let modelled = base + slope * sweep.at;
            let model = if better == Better::More { sweep.each / modelled } else { modelled };
            Step { case, figure, model }
        };
        (measured.len() > 1).then(|| Self {
            metric: first.metric,
            steps: measured.iter().map(step).collect(),
            better,
        })
    }

    /// For each step but the first: the step before, itself, and how many times worse than by the model it became.
    pub fn falls(&self) -> impl Iterator<Item = (Step<'a>, Step<'a>, f64)> {
        self.steps.windows(2).filter_map(|pair| {
            let &[before, after] = pair else { return None };
            let (did, should) = (before.figure / after.figure, before.model / after.model);
            let fall = match self.better {
                Better::More => did / should,
                Better::Less => should / did,
            };
            Some((before, after, fall))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Metric, Sample, Taken};
    use super::*;

    const METRICS: &[Metric] = &[
        Metric { name: "rate", unit: "1/s", better: Better::More },
        Metric { name: "last", unit: "us", better: Better::Less },
    ];

    /// A row for each setting and figure.
    fn rows(metric: &'static str, slope: Slope, each: f64, figures: &[(f64, f64)]) -> Vec<Row> {
        let row = |&(at, figure): &(f64, f64)| {
            let taken = vec![Taken { pair: 0, sample: Sample::from([(metric.into(), figure)]) }];
            let (contestant, name) = (Contestant::HUBLESS, String::new());
            let columns = vec![Column { contestant, name, variant: None, count: 0, taken, trouble: None }];
            let sweep = Some(Sweep { name: "s", metric, at, each, slope });
            Row { work: "w".into(), case: at.to_string(), metrics: METRICS, sweep, columns }
        };
        figures.iter().map(row).collect()
    }

    fn falls(rows: &[Row]) -> Vec<f64> {
        let rows: Vec<&Row> = rows.iter().collect();
        let curve = Curve::new(&rows, Contestant::HUBLESS).unwrap();
        curve.falls().map(|(_, _, fall)| (fall * 100.0).round() / 100.0).collect()
    }

    #[test]
    fn a_paced_sender_falls_as_its_work_grows_and_not_more() {
        // A send costs 1 us; each delivery counts for a quarter of a message. At 3 us of work the rate is a third of the model.
        let figures = [(0.0, 4e6), (1e-6, 2e6), (3e-6, 1e6 / 3.0), (7e-6, 0.5e6 / 3.0)];
        assert_eq!(falls(&rows("rate", Slope::Own, 4.0, &figures)), [1.0, 3.0, 1.0]);
    }

    #[test]
    fn more_connections_cost_nothing_by_the_model() {
        let figures = [(1.0, 9e6), (2.0, 10e6), (4.0, 2e6)];
        assert_eq!(falls(&rows("rate", Slope::Flat, 1.0, &figures)), [0.9, 5.0]);
    }

    #[test]
    fn a_larger_message_may_cost_what_an_octet_costs_where_it_costs_least() {
        // A message costs 100 ns and an byte 1 ns; at 10,000 bytes each costs three times that.
        let at = |octets: f64, octet: f64| (octets, 1e9 / (100.0 + octet * octets));
        let figures = [at(0.0, 1.0), at(1e3, 1.0), at(1e4, 3.0), at(1e9, 1.0)];
        let falls = falls(&rows("rate", Slope::Least, 1.0, &figures));
        assert_eq!((falls[0], falls[1] > 2.5, falls[2] < 0.5), (1.0, true, true), "{falls:?}");
    }

    #[test]
    fn a_time_that_grows_is_a_fall_too() {
        let figures = [(1.0, 50.0), (10.0, 200.0), (100.0, 200.0)];
        let falls = falls(&rows("last", Slope::Flat, 1.0, &figures));
        assert_eq!(falls, [4.0, 1.0]);
    }
}
