//! Whether a socket sends now and then, or streams.
//!
//! A message on an idle socket is written at once, by the sender. When one message chases the other, a system call each
//! costs far more than the messages, so they are gathered: the sender writes when enough has come together, and the
//! background thread sees to the tail after a nap of 100 us. Measured per socket, not per pipe, or a sender that takes
//! turns among many pipes would never stream; and from the end of one send to the beginning of the next, or one to many
//! pipes, which takes long just because it writes to each, would not either.

use std::time::Duration;

use crate::patterns::Time;

/// Gathered octets at which a sender writes: just below the size from which loopback TCP becomes slow.
pub(crate) const FLUSH: usize = 48 * 1024;
/// A send so soon after the one before chases it.
const CHASE: Duration = Duration::from_nanos(2500);
/// So many in a row are a stream.
const CHASES: u8 = 4;
/// Naps without a send after which a stream is over.
const QUIET_NAPS: u8 = 2;

/// The pace of one socket's sends.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    streaming: bool,
    /// When the last send was done.
    last: Time,
    chases: u8,
    /// Sends while streaming, and how many of them the last nap saw.
    sent: u64,
    seen: u64,
    quiet: u8,
}

/// What a send means for the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Write at once.
    Single,
    /// A stream begins: the background thread must see to its tails.
    Begin,
    /// Write when enough has come together.
    Stream,
}

impl Pace {
    #[inline]
    pub(crate) fn is_streaming(&self) -> bool {
        self.streaming
    }

    /// A send. The clock is asked only while it decides anything.
    #[inline]
    pub(crate) fn send(&mut self, now: impl FnOnce() -> Time) -> Step {
        if self.streaming {
            self.sent += 1;
            return Step::Stream;
        }
        let now = now();
        self.chases = if now.since(self.last) < CHASE { self.chases + 1 } else { 0 };
        self.last = now;
        if self.chases < CHASES {
            return Step::Single;
        }
        *self = Self { streaming: true, last: now, sent: 1, ..Self::default() };
        Step::Begin
    }

    /// A send has been written. The clock is asked only while it decides anything.
    #[inline]
    pub(crate) fn wrote(&mut self, now: impl FnOnce() -> Time) {
        if !self.streaming {
            self.last = now();
        }
    }

    /// The background thread has napped once more. Whether the stream goes on.
    pub(crate) fn nap(&mut self) -> bool {
        self.quiet = if self.sent == self.seen { self.quiet + 1 } else { 0 };
        self.seen = self.sent;
        if self.quiet >= QUIET_NAPS {
            *self = Self { last: self.last, ..Self::default() };
        }
        self.streaming
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> impl FnOnce() -> Time {
        move || Time(nanos)
    }

    #[test]
    fn four_sends_that_chase_one_another_begin_a_stream() {
        let mut pace = Pace::default();
        let steps: Vec<Step> = (10..16).map(|i| pace.send(at(i * 2000))).collect();
        assert_eq!(
            steps,
            [Step::Single, Step::Single, Step::Single, Step::Single, Step::Begin, Step::Stream]
        );
    }

    #[test]
    fn sends_with_pauses_never_stream() {
        let mut pace = Pace::default();
        assert!((1..100).all(|i| pace.send(at(i * 3000)) == Step::Single));
    }

    #[test]
    fn the_time_it_takes_to_write_is_no_pause() {
        let mut pace = Pace::default();
        let steps: Vec<Step> = (1..6)
            .map(|i| {
                let step = pace.send(at(i * 100_000));
                pace.wrote(at(i * 100_000 + 99_000));
                step
            })
            .collect();
        assert_eq!(steps.last(), Some(&Step::Begin));
    }

    #[test]
    fn a_stream_ends_after_two_naps_without_a_send() {
        let mut pace = Pace::default();
        for i in 10..16 {
            pace.send(at(i));
        }
        assert!(pace.nap());
        assert!(pace.nap());
        assert!(!pace.nap());
        assert_eq!(pace.send(at(1_000_000)), Step::Single);
    }
}
