//! What became of the messages of a socket that closes.

use super::control::close_report::CloseReport;
use super::core::State;
use crate::stats::{Drops, Stats};

/// How things were when the close began.
#[derive(Debug, Clone, Copy)]
pub(super) struct CloseSnapshot {
    queued: usize,
    sent: u64,
    drops: Drops,
    orphaned: u64,
    /// All that was to be counted is.
    ended: bool,
}

impl CloseSnapshot {
    pub(super) fn begin(queued: usize, stats: &Stats) -> Self {
        Self { queued, sent: stats.sent, drops: stats.drops, orphaned: 0, ended: false }
    }

    /// Messages for peers that were dropped since.
    fn dropped(&self, drops: &Drops) -> u64 {
        drops.closed + drops.pipe_lost - self.drops.closed - self.drops.pipe_lost
    }
}

impl State {
    /// The time is over. What was dropped before had lost its peer, and so has what waits while there is none.
    pub(super) fn note_orphans(&mut self, waiting: usize) {
        if let Some(snapshot) = &mut self.close_snapshot {
            snapshot.orphaned = snapshot.dropped(&self.counters.stats.drops) + waiting as u64;
        }
    }

    /// The socket comes to its end. Whether it had not before.
    pub(super) fn ends(&mut self) -> bool {
        self.close_snapshot.as_mut().is_some_and(|snapshot| !std::mem::replace(&mut snapshot.ended, true))
    }

    /// Nobody sends once the close has begun, so whatever has been queued since was queued before, for another peer. `left` of
    /// them are yet to be counted as dropped.
    pub(super) fn report_of_close(&self, left: usize) -> CloseReport {
        let Some(snapshot) = self.close_snapshot else { return CloseReport::default() };
        let stats = &self.counters.stats;
        let dropped = count(snapshot.dropped(&stats.drops)) + left;
        CloseReport {
            written: snapshot.queued.saturating_sub(dropped),
            rerouted: count(stats.sent - snapshot.sent),
            dropped,
            orphaned: count(snapshot.orphaned),
            unreceived: count(stats.drops.unreceived - snapshot.drops.unreceived),
        }
    }
}

fn count(messages: u64) -> usize {
    usize::try_from(messages).unwrap_or(usize::MAX)
}
