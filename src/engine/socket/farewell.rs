//! What became of the messages of a socket that closes.

use super::control::close_report::CloseReport;
use super::core::State;
use crate::stats::{Drops, Stats};

/// How things were when the close began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Farewell {
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
