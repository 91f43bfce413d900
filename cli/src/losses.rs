//! Lost messages, told as warnings.

use hubless::human::counted;
use hubless::{Drops, Stats};

/// What was told already.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    told: [u64; 6],
}

impl Losses {
    /// Warns of what was lost since the last time.
    pub(crate) fn report(&mut self, stats: &Stats) {
        let Drops { peer_full, pipe_lost, inbox_full, too_many_hops, requester_gone, .. } = stats.drops;
        let losses = [
            (peer_full, "dropped: the peer is too slow"),
            (pipe_lost, "lost with the connection"),
            (inbox_full, "dropped: too many answers to one survey"),
            (too_many_hops, "dropped: more hops than --ttl"),
            (requester_gone, "dropped: the peer that asked has left"),
            (
                stats.violations.message_too_large,
                "refused and the peer disconnected: larger than --max-message",
            ),
        ];
        for (told, (lost, why)) in self.told.iter_mut().zip(losses) {
            if lost > *told {
                log::warn!("{} {why}", counted(lost - *told, "message"));
                *told = lost;
            }
        }
    }
}
