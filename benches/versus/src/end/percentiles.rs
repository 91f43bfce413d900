//! What is said of many times.

use super::{Figures, as_figure};

/// In microseconds, of nanoseconds.
pub fn percentiles(mut nanoseconds: Vec<u32>) -> Figures {
    let total: f64 = nanoseconds.iter().copied().map(f64::from).sum();
    let count = as_figure(nanoseconds.len() as u64);
    nanoseconds.sort_unstable();
    Figures::from([
        ("messages", count),
        ("seconds", total / 1e9),
        ("p50", at(&nanoseconds, 50)),
        ("p99", at(&nanoseconds, 99)),
        ("max", at(&nanoseconds, 100)),
        ("mean", total / count.max(1.0) / 1e3),
    ])
}

fn at(sorted: &[u32], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(f64::NAN, |time| f64::from(*time) / 1e3)
}
