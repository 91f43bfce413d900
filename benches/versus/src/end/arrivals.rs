//! What a receiver does with each message: counts it, and compares its number.

use std::time::{Duration, Instant};

use super::letters::{Stream, number_of};
use super::{Figures, as_figure};
use crate::system::cpu;

/// The messages of one receiver.
#[derive(Debug)]
pub struct Arrivals {
    seen: u64,
    mark: u64,
    end: u64,
    size: usize,
    mask: u64,
    wrong: u64,
    began: Option<(Instant, Duration)>,
}

impl Arrivals {
    pub fn new(stream: Stream) -> Self {
        Self {
            seen: 0,
            mark: stream.warm + 1,
            end: stream.end(),
            size: stream.size,
            mask: stream.mask(),
            wrong: 0,
            began: None,
        }
    }

    #[inline]
    pub fn wanted(&self) -> bool {
        self.seen < self.end
    }

    /// One message has been received.
    #[inline]
    pub fn note(&mut self, body: &[u8]) {
        let right = number_of(body).is_some_and(|number| (number ^ self.seen) & self.mask == 0)
            && body.len() == self.size;
        self.wrong += u64::from(!right);
        self.seen += 1;
        if self.seen == self.mark {
            self.began = Some((Instant::now(), cpu::spent()));
        }
    }

    /// So many messages have been received, and nobody has looked at them.
    pub fn note_unseen(&mut self, count: u64) {
        let before = self.seen;
        self.seen += count;
        if before < self.mark && self.seen >= self.mark {
            self.mark = self.seen;
            self.began = Some((Instant::now(), cpu::spent()));
        }
    }

    /// Octets of a body.
    pub fn size(&self) -> usize {
        self.size
    }

    /// From the first message after the warm-up to the last.
    pub fn figures(&self) -> Figures {
        let (began, spent) = self.began.map_or_else(
            || (Duration::ZERO, Duration::ZERO),
            |(at, spent)| (at.elapsed(), cpu::spent().saturating_sub(spent)),
        );
        Figures::from([
            ("messages", as_figure(self.seen - self.mark.min(self.seen))),
            ("seconds", began.as_secs_f64()),
            ("receiver cpu", spent.as_secs_f64()),
            ("wrong", as_figure(self.wrong)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::super::Letters;
    use super::*;

    #[test]
    fn what_a_sender_sends_is_right() {
        for size in [16, 64, 4096, 65_536, 1 << 20] {
            let stream = Stream { size, warm: 2, count: 20 };
            let (mut letters, mut arrivals) = (Letters::new(stream), Arrivals::new(stream));
            while let Some(letter) = letters.next() {
                arrivals.note(letter.octets());
            }
            assert!(!arrivals.wanted());
            let figures = arrivals.figures();
            assert_eq!((figures["wrong"], figures["messages"]), (0.0, 19.0), "{size}");
        }
    }

    #[test]
    fn a_message_that_is_missing_is_seen() {
        for size in [64, 65_536] {
            let stream = Stream { size, warm: 0, count: 10 };
            let (mut letters, mut arrivals) = (Letters::new(stream), Arrivals::new(stream));
            letters.next();
            while let Some(letter) = letters.next() {
                arrivals.note(letter.octets());
            }
            assert!(arrivals.wanted());
            assert!(arrivals.figures()["wrong"] > 8.5, "{size}");
        }
    }
}
