//! Whether a socket sends now and then, or streams.
//!
//! A message on an idle socket is written at once, by the sender. When one message chases the other (see `chase`), writing each
//! takes a good part of the sender's time, so they are gathered: the sender writes when enough has come together, and
//! the background thread sees to the tail after a short nap. Measured per socket, not per pipe, or a sender that takes turns
//! among many pipes would never stream.

/// Gathered octets at which a sender writes: just below the size from which loopback TCP becomes slow.
pub(super) const FLUSH: usize = 48 * 1024;
/// Naps without a send after which a stream is over.
const QUIET_NAPS: u8 = 2;
/// Messages of one nap that are few: gathering saves few writes.
const FEW: u64 = 8;
/// Naps in a row with few messages after which a stream is over. If it still is one, a few sends show that: while it lasts, nobody
/// measures what a write costs.
const THIN_NAPS: u8 = 64;

/// The pace of one socket's sends.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    streaming: bool,
    /// Sends while streaming, and how many of them the last nap saw.
    sent: u64,
    seen: u64,
    quiet: u8,
    thin: u8,
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

    /// A send. Whether it is one of many that chase one another is asked only while that decides anything.
    #[inline]
    pub(crate) fn send(&mut self, chases: impl FnOnce() -> bool) -> Step {
        if self.streaming {
            self.sent += 1;
            return Step::Stream;
        }
        if !chases() {
            return Step::Single;
        }
        *self = Self { streaming: true, sent: 1, ..Self::default() };
        Step::Begin
    }

    /// The background thread has napped once more. Whether the stream goes on.
    pub(crate) fn nap(&mut self) -> bool {
        let sent = self.sent - self.seen;
        self.quiet = if sent == 0 { self.quiet + 1 } else { 0 };
        self.thin = if sent < FEW { self.thin + 1 } else { 0 };
        self.seen = self.sent;
        if self.quiet >= QUIET_NAPS || self.thin >= THIN_NAPS {
            *self = Self::default();
        }
        self.streaming
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_begins_once() {
        let mut pace = Pace::default();
        let steps = [false, true, true, false].map(|chases| pace.send(|| chases));
        assert_eq!(steps, [Step::Single, Step::Begin, Step::Stream, Step::Stream]);
    }

    #[test]
    fn a_stream_ends_after_two_naps_without_a_send() {
        let mut pace = Pace::default();
        pace.send(|| true);
        assert!(pace.nap());
        assert!(pace.nap());
        assert!(!pace.nap());
        assert_eq!(pace.send(|| false), Step::Single);
    }

    /// How many naps a stream lasts with so many sends between two of them.
    fn naps_with(sends: u64, most: usize) -> usize {
        let mut pace = Pace::default();
        pace.send(|| true);
        let nap = |_: &usize| {
            (0..sends).for_each(|_| {
                pace.send(|| false);
            });
            pace.nap()
        };
        (0..most).take_while(nap).count()
    }

    #[test]
    fn a_stream_of_which_little_is_gathered_ends_now_and_then_so_that_writes_are_measured() {
        assert!((60..64).contains(&naps_with(2, 1000)));
        assert_eq!(naps_with(8, 1000), 1000);
    }
}
