//! What is measured, and what comes of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::process::Trouble;
use super::sweep::Sweep;
use crate::contestant::Contestant;

/// What one run has measured, by name.
pub type Sample = BTreeMap<String, f64>;

/// One row: the same work, done by one contestant after the other.
pub trait Trial {
    /// The work it belongs to: a table of its own.
    fn work(&self) -> String;

    /// What tells it from the other rows of the work.
    fn case(&self) -> String;

    /// What the table shows; the first one is compared.
    fn metrics(&self) -> &'static [Metric];

    fn contestants(&self) -> Vec<Contestant>;

    /// Messages of the very first run, which tells how many a run of the right length has; `None` where that is not asked.
    fn first_count(&self) -> Option<u64>;

    /// The ways in which this contestant may do it; the best of them, by the first metric of a first run, is measured.
    fn variants(&self, contestant: Contestant) -> Vec<Contestant> {
        vec![contestant]
    }

    /// Which step of which sweep it is, if it is one.
    fn sweep(&self) -> Option<Sweep> {
        None
    }

    /// How often it is run at most, where its figures hardly change.
    fn runs(&self) -> Option<usize> {
        None
    }

    /// Runs it once. Where messages are counted, the sample has `messages` and `seconds`.
    fn run(&self, contestant: Contestant, count: u64) -> Result<Sample, Trouble>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    More,
    Less,
}

/// A figure of a sample, and how it is shown.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    pub better: Better,
}

/// What all contestants did in one trial.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub work: String,
    pub case: String,
    pub metrics: &'static [Metric],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    pub columns: Vec<Column>,
}

/// What one contestant did.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    pub contestant: Contestant,
    pub name: String,
    /// Which of its ways was the best, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<Contestant>,
    /// Messages of a run.
    pub count: u64,
    pub taken: Vec<Taken>,
    /// Why there are fewer runs than there should be, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// One run: those of the same pair ran one after the other.
#[derive(Debug, Clone, Serialize)]
pub struct Taken {
    pub pair: usize,
    pub sample: Sample,
}

impl Row {
    pub fn column(&self, contestant: Contestant) -> Option<&Column> {
        self.columns.iter().find(|column| column.contestant == contestant)
    }

    /// The median, over the pairs that both ran, of what `one` did to what `other` did.
    pub fn ratio(&self, one: Contestant, other: Contestant, metric: &str) -> Option<f64> {
        let (one, other) = (self.column(one)?, self.column(other)?);
        let ratios = one.taken.iter().filter_map(|taken| {
            let beside = other.taken.iter().find(|beside| beside.pair == taken.pair)?;
            Some(taken.sample.get(metric)? / beside.sample.get(metric)?)
        });
        median(ratios.collect())
    }
}

impl Column {
    pub fn median(&self, metric: &str) -> Option<f64> {
        median(self.taken.iter().filter_map(|taken| taken.sample.get(metric).copied()).collect())
    }

    /// Messages that were missing, twice there or out of turn, over all runs.
    pub fn wrong(&self) -> f64 {
        self.taken.iter().filter_map(|taken| taken.sample.get("wrong")).sum()
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(contestant: Contestant, rates: &[f64]) -> Column {
        let taken = |(pair, rate): (usize, &f64)| {
            let sample = Sample::from([("rate".into(), *rate)]);
            Taken { pair, sample }
        };
        let taken = rates.iter().enumerate().map(taken).collect();
        Column { contestant, name: String::new(), variant: None, count: 0, taken, trouble: None }
    }

    #[test]
    fn a_ratio_is_the_median_within_pairs() {
        let (one, other) = (Contestant::HUBLESS, Contestant::RAW);
        // The machine was slow in the second pair, for both.
        let columns = vec![column(one, &[4.0, 1.0, 6.0]), column(other, &[8.0, 2.0, 8.0, 9.0])];
        let row = Row { work: String::new(), case: String::new(), metrics: &[], sweep: None, columns };
        assert_eq!(row.ratio(one, other, "rate"), Some(0.5));
        assert_eq!(row.ratio(one, other, "lost"), None);
    }
}
