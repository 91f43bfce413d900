//! What an asker does with each round trip: times it, and compares the answer.

use std::time::Instant;

use super::letters::{Stream, number_of, write_number};
use super::{Figures, as_figure};

/// The round trips of one asker.
#[derive(Debug)]
pub struct Rounds {
    next: u64,
    mark: u64,
    end: u64,
    body: Vec<u8>,
    began: Instant,
    nanoseconds: Vec<u32>,
    wrong: u64,
}

impl Rounds {
    pub fn new(stream: Stream) -> Self {
        Self {
            next: 0,
            mark: stream.warm,
            end: stream.end(),
            body: vec![b'v'; stream.size],
            began: Instant::now(),
            nanoseconds: Vec::with_capacity(usize::try_from(stream.count).unwrap_or_default()),
            wrong: 0,
        }
    }

    /// The next question; its time runs from now on.
    #[allow(clippy::should_implement_trait, reason = "it lends")]
    #[inline]
    pub fn next(&mut self) -> Option<&[u8]> {
        if self.next >= self.end {
            return None;
        }
        write_number(&mut self.body, self.next);
        self.began = Instant::now();
        Some(&self.body)
    }

    /// The answer is here.
    #[inline]
    pub fn finish(&mut self, answer: &[u8]) {
        let taken = self.began.elapsed();
        self.wrong += u64::from(number_of(answer) != Some(self.next) || answer.len() != self.body.len());
        if self.next >= self.mark {
            self.nanoseconds.push(u32::try_from(taken.as_nanos()).unwrap_or(u32::MAX));
        }
        self.next += 1;
    }

    /// Percentiles in microseconds.
    pub fn figures(mut self) -> Figures {
        let total: f64 = self.nanoseconds.iter().copied().map(f64::from).sum();
        let rounds = as_figure(self.nanoseconds.len() as u64);
        self.nanoseconds.sort_unstable();
        Figures::from([
            ("messages", rounds),
            ("seconds", total / 1e9),
            ("p50", percentile(&self.nanoseconds, 50)),
            ("p99", percentile(&self.nanoseconds, 99)),
            ("mean", total / rounds.max(1.0) / 1e3),
            ("wrong", as_figure(self.wrong)),
        ])
    }
}

/// In microseconds.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(f64::NAN, |time| f64::from(*time) / 1e3)
}
