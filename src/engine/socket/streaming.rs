//! Whether a socket sends now and then, or streams.
//!
//! Kept per socket, not per pipe, or a sender that takes turns among many pipes would never stream. While it streams, the background
//! thread flushes what is left at short intervals.

/// Flush intervals without a send after which a stream is over.
const QUIET_INTERVALS: u8 = 2;
/// Messages of one interval that are few: batching saves few writes.
const FEW: u64 = 8;
/// Intervals in a row with few messages after which a stream is over. If it still is one, a few sends show that: while it lasts, nobody
/// measures what a write costs.
const THIN_INTERVALS: u8 = 64;

/// Whether one socket streams.
#[derive(Debug, Default)]
pub(crate) struct Streaming {
    active: bool,
    /// Sends while streaming, and how many of them the last interval saw.
    sent: u64,
    seen: u64,
    quiet: u8,
    thin: u8,
}

/// When a message that is sent is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendMode {
    /// At once.
    Immediate,
    /// With the stream that begins now: the background thread must flush what is left.
    BeginStream,
    /// With the stream, when there is enough for a write.
    Stream,
}

impl Streaming {
    #[inline]
    pub(crate) fn is_active(&self) -> bool {
        self.active
    }

    /// A send. Whether it is part of a burst is asked only while that decides anything.
    #[inline]
    pub(crate) fn send(&mut self, in_a_burst: impl FnOnce() -> bool) -> SendMode {
        if self.active {
            self.sent += 1;
            return SendMode::Stream;
        }
        if !in_a_burst() {
            return SendMode::Immediate;
        }
        *self = Self { active: true, sent: 1, ..Self::default() };
        SendMode::BeginStream
    }

    /// One more flush interval of the background thread is over. Whether the stream goes on.
    pub(crate) fn end_interval(&mut self) -> bool {
        let sent = self.sent - self.seen;
        self.quiet = if sent == 0 { self.quiet + 1 } else { 0 };
        self.thin = if sent < FEW { self.thin + 1 } else { 0 };
        self.seen = self.sent;
        if self.quiet >= QUIET_INTERVALS || self.thin >= THIN_INTERVALS {
            *self = Self::default();
        }
        self.active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_begins_once() {
        let mut streaming = Streaming::default();
        let steps = [false, true, true, false].map(|in_a_burst| streaming.send(|| in_a_burst));
        assert_eq!(steps, [SendMode::Immediate, SendMode::BeginStream, SendMode::Stream, SendMode::Stream]);
    }

    #[test]
    fn a_stream_ends_after_two_intervals_without_a_send() {
        let mut streaming = Streaming::default();
        streaming.send(|| true);
        assert!(streaming.end_interval());
        assert!(streaming.end_interval());
        assert!(!streaming.end_interval());
        assert_eq!(streaming.send(|| false), SendMode::Immediate);
    }

    /// How many intervals a stream lasts with this number of sends between two of them.
    fn intervals_with(sends: u64, most: usize) -> usize {
        let mut streaming = Streaming::default();
        streaming.send(|| true);
        let end = |_: &usize| {
            (0..sends).for_each(|_| {
                streaming.send(|| false);
            });
            streaming.end_interval()
        };
        (0..most).take_while(end).count()
    }

    #[test]
    fn a_stream_of_which_little_is_batched_ends_now_and_then_so_that_writes_are_measured() {
        assert!((60..64).contains(&intervals_with(2, 1000)));
        assert_eq!(intervals_with(8, 1000), 1000);
    }
}
