//! What became of the messages of a socket that closes.

use super::core::State;
use crate::stats::{Drops, Stats};

/// What became of the messages that were queued when a socket was closed: each of them was written or dropped. What was not
/// received in time is counted too. [`Stats::drops`](crate::Stats::drops) has the same by reason, over all the socket's life.
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
    /// Messages that the system has taken or, over inproc, the queue to the peer. It does not say that the peer has received them: what is
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

/// How things were when the close began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Farewell {
    queued: usize,
    sent: u64,
    drops: Drops,
    orphaned: u64,
    /// All that was to be counted is.
    ended: bool,
}

impl Farewell {
    pub(super) fn begin(queued: usize, stats: &Stats) -> Self {
        Self { queued, sent: stats.sent, drops: stats.drops, orphaned: 0, ended: false }
    }

    /// Messages for peers that were dropped since.
    fn dropped(&self, drops: &Drops) -> u64 {
        drops.closed + drops.pipe_lost - self.drops.closed - self.drops.pipe_lost
    }
}

impl<O> State<O> {
    /// The time is over. What was dropped before had lost its peer, and so has what waits while there is none.
    pub(super) fn note_orphans(&mut self, waiting: usize) {
        if let Some(farewell) = &mut self.farewell {
            farewell.orphaned = farewell.dropped(&self.counters.stats.drops) + waiting as u64;
        }
    }

    /// The socket comes to its end. Whether it had not before.
    pub(super) fn ends(&mut self) -> bool {
        self.farewell.as_mut().is_some_and(|farewell| !std::mem::replace(&mut farewell.ended, true))
    }

    /// Nobody sends once the close has begun, so whatever has been queued since was queued before, for another peer. So many are
    /// yet to be counted as dropped.
    pub(super) fn report_of_close(&self, left: usize) -> CloseReport {
        let Some(farewell) = self.farewell else { return CloseReport::default() };
        let stats = &self.counters.stats;
        let dropped = count(farewell.dropped(&stats.drops)) + left;
        CloseReport {
            written: farewell.queued.saturating_sub(dropped),
            rerouted: count(stats.sent - farewell.sent),
            dropped,
            orphaned: count(farewell.orphaned),
            unreceived: count(stats.drops.unreceived - farewell.drops.unreceived),
        }
    }
}

fn count(messages: u64) -> usize {
    usize::try_from(messages).unwrap_or(usize::MAX)
}
