use std::time::Instant;

use hubless_trials::Gauge;

/// How what the process uses changes from round to round.
#[derive(Debug, Default)]
pub(crate) struct Drift {
    notes: Vec<(Instant, Gauge)>,
}

impl Drift {
    /// What it uses when a round is over.
    pub(crate) fn note(&mut self, when: Instant, gauge: Gauge) {
        self.notes.push((when, gauge));
    }

    /// By how many descriptors the last round ended with more than the first.
    pub(crate) fn descriptors(&self) -> isize {
        let count =
            |note: Option<&(Instant, Gauge)>| note.map_or(0, |(_, gauge)| gauge.descriptors.cast_signed());
        count(self.notes.last()) - count(self.notes.first())
    }

    /// MiB an hour by which memory grew in the second half: the slope of the line with the least squares. Nothing when there were
    /// too few rounds to tell.
    pub(crate) fn growth(&self) -> Option<f64> {
        let half = &self.notes[self.notes.len() / 2..];
        let (first, _) = half.first().filter(|_| half.len() >= 4)?;
        let hours = |when: &Instant| when.duration_since(*first).as_secs_f64() / 3600.0;
        let mib = |gauge: &Gauge| f64::from(u32::try_from(gauge.resident_kib).unwrap_or(u32::MAX)) / 1024.0;
        let points: Vec<_> = half.iter().map(|(when, gauge)| (hours(when), mib(gauge))).collect();
        Some(slope(&points))
    }
}

fn slope(points: &[(f64, f64)]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "there are not 2^52 rounds")]
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    above / below
}
