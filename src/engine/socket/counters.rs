//! What a socket counts.

use hubless_protocol::patterns::Loss;

use crate::stats::{Drops, Stats};

/// Counts of one socket, kept under its lock.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) stats: Stats,
}

impl Counters {
    pub(crate) fn lost(&mut self, loss: Loss, messages: u64) {
        *of(loss, &mut self.stats.drops) += messages;
    }
}

/// The count of this loss.
pub(crate) fn of(loss: Loss, drops: &mut Drops) -> &mut u64 {
    match loss {
        Loss::PeerFull => &mut drops.peer_full,
        Loss::PipeLost => &mut drops.pipe_lost,
        Loss::InboxFull => &mut drops.inbox_full,
        Loss::Filtered => &mut drops.filtered,
        Loss::Stray => &mut drops.stray,
        Loss::TooManyHops => &mut drops.too_many_hops,
        Loss::RequesterGone => &mut drops.requester_gone,
        Loss::Unanswered => &mut drops.unanswered,
        Loss::Closed => &mut drops.closed,
        Loss::Unreceived => &mut drops.unreceived,
    }
}
