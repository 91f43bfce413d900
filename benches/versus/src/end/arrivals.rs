//! What a receiver does with each message: counts it, and compares its number.

use std::time::{Duration, Instant};

use super::letters::{Stream, number_of, start_of};
use super::{Figures, as_figure, percentiles};
use crate::system::{clock, cpu};

/// What is said of the times of bursts.
const BURST: [&str; 3] = ["p50", "p99", "max"];

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
    /// Messages of a burst, or 0.
    burst: u64,
    /// From the start of each burst until its last message was here.
    nanoseconds: Vec<u32>,
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
            burst: stream.rhythm.burst(),
            nanoseconds: Vec::new(),
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
        if self.has_bursts() {
            self.note_burst(body);
        }
    }

    /// Whether each message must be looked at, as there are bursts to be timed.
    #[inline]
    pub fn has_bursts(&self) -> bool {
        self.burst > 0
    }

    fn note_burst(&mut self, body: &[u8]) {
        if self.seen >= self.mark && self.seen.is_multiple_of(self.burst) {
            let taken = clock::nanoseconds().saturating_sub(start_of(body).unwrap_or_default());
            self.nanoseconds.push(u32::try_from(taken).unwrap_or(u32::MAX));
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
        let mut figures = Figures::from([
            ("messages", as_figure(self.seen - self.mark.min(self.seen))),
            ("seconds", began.as_secs_f64()),
            ("receiver cpu", spent.as_secs_f64()),
            ("wrong", as_figure(self.wrong)),
        ]);
        if self.has_bursts() {
            let times = percentiles(self.nanoseconds.clone());
            figures.extend(times.into_iter().filter(|(name, _)| BURST.contains(name)));
        }
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Letters, Rhythm};
    use super::*;

    #[test]
    fn what_a_sender_sends_is_right() {
        for size in [16, 64, 4096, 65_536, 1 << 20] {
            let stream = Stream { warm: 2, ..Stream::new(size, 20) };
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
            let stream = Stream { warm: 0, ..Stream::new(size, 10) };
            let (mut letters, mut arrivals) = (Letters::new(stream), Arrivals::new(stream));
            letters.next();
            while let Some(letter) = letters.next() {
                arrivals.note(letter.octets());
            }
            assert!(arrivals.wanted());
            assert!(arrivals.figures()["wrong"] > 8.5, "{size}");
        }
    }
    #[test]
    fn each_burst_is_timed_from_its_pause_to_its_last_message() {
        let pause = Duration::from_millis(2);
        let stream = Stream { warm: 5, ..Stream::new(64, 20) };
        let stream = stream.with_rhythm(Rhythm::Bursts { messages: 5, pause });
        let (mut letters, mut arrivals) = (Letters::new(stream), Arrivals::new(stream));
        let began = Instant::now();
        let mut pauses = 0;
        while let Some(letter) = letters.next() {
            arrivals.note(letter.octets());
            pauses += u32::from(letters.pauses());
        }
        let whole = began.elapsed();
        assert_eq!((pauses, arrivals.nanoseconds.len()), (5, 4), "the warm-up is one burst more");
        assert!(whole >= 5 * pause, "{whole:?}");
        let timed: u64 = arrivals.nanoseconds.iter().copied().map(u64::from).sum();
        assert!(Duration::from_nanos(timed) + 5 * pause <= whole, "no burst includes its pause");
        assert_eq!(arrivals.wrong, 0);
    }

    #[test]
    fn a_paced_sender_works_before_each_message() {
        let work = Duration::from_micros(200);
        let stream = Stream::new(64, 20).with_rhythm(Rhythm::Paced(work));
        let mut letters = Letters::new(stream);
        let began = Instant::now();
        while letters.next().is_some() {}
        assert!(began.elapsed() >= 21 * work);
    }
}
