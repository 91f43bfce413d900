//! What a close tells its caller.

use std::fmt;

use crate::human::{count, counted};

/// What became of the messages that were queued when a socket was closed: each of them was written or dropped. What was not
/// received in time is counted too. [`Stats::drops`](crate::Stats::drops) has the same by reason, over all the socket's life.
/// Printed: `12 messages written, 3 dropped (1 because the peer left), 2 received and not taken`, without zeros.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Pull, Push};
///
/// let (pull, push) = (Pull::new()?, Push::new()?);
/// let at = pull.listen("inproc://close-report-example")?;
/// push.dial(at.address())?;
/// push.send_many(["one", "two", "three"])?;
/// let report = push.close(Duration::from_secs(1))?;
/// assert_eq!((report.rerouted, report.dropped), (0, 0));
/// assert!(report.written <= 3); // some had left before
/// assert_eq!(pull.recv()?, "one");
/// # Ok::<(), hubless::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CloseReport {
    /// Messages that the system took during the close or, over inproc, the queue to the peer; what had left before is not counted. It
    /// does not say that the peer has received them: what is
    /// under way when it dies, or when the connection breaks, is lost. Where you need to know, let the peer answer
    /// ([`Req`](crate::Req)).
    pub written: usize,
    /// Messages that were given to another peer, because the one they were queued for left meanwhile. They were written or
    /// dropped in the end, and are counted there as well.
    pub rerouted: usize,
    /// Messages that were not written, as far as is known when the time is over.
    pub dropped: usize,
    /// Those of the dropped whose peer left, and that no other could take. The time was over for the rest.
    pub orphaned: usize,
    /// Messages that had arrived, or did meanwhile, and were not taken by the user.
    pub unreceived: usize,
}

impl CloseReport {
    /// Of several sockets together.
    pub(crate) fn add(&mut self, other: Self) {
        self.written += other.written;
        self.rerouted += other.rerouted;
        self.dropped += other.dropped;
        self.orphaned += other.orphaned;
        self.unreceived += other.unreceived;
    }
}

impl fmt::Display for CloseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, rerouted, dropped, orphaned, unreceived } = *self;
        if *self == Self::default() {
            return f.pad("nothing was queued");
        }
        write!(f, "{} written", counted(written, "message"))?;
        if rerouted > 0 {
            write!(f, ", {} given to another peer", count(rerouted))?;
        }
        if dropped > 0 {
            write!(f, ", {} dropped", count(dropped))?;
        }
        if orphaned > 0 {
            write!(f, " ({} because the peer left)", count(orphaned))?;
        }
        if unreceived > 0 { write!(f, ", {} received and not taken", count(unreceived)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_became_of_messages_and_leaves_out_zeros() {
        let mut report = CloseReport::default();
        assert_eq!(report.to_string(), "nothing was queued");
        report.written = 1;
        assert_eq!(report.to_string(), "1 message written");
        report = CloseReport { written: 12_000, rerouted: 4, dropped: 3, orphaned: 1, unreceived: 2 };
        assert_eq!(
            report.to_string(),
            "12,000 messages written, 4 given to another peer, 3 dropped (1 because the peer left), 2 received and \
             not taken"
        );
        report = CloseReport { dropped: 3, ..CloseReport::default() };
        assert_eq!(report.to_string(), "0 messages written, 3 dropped");
    }
}
