//! What an asker does with each round trip: times it, and compares the answer.

use std::time::Instant;

use super::letters::{Stream, number_of, write_number};
use super::{Figures, as_figure, percentiles};

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

    pub fn figures(self) -> Figures {
        let mut figures = percentiles(self.nanoseconds);
        figures.insert("wrong", as_figure(self.wrong));
        figures
    }
}
