//! The controls that wait to leave a pipe: what is said to a peer beside messages, where the wire has words for it.
//!
//! No queue of messages bounds them, so they have a bound of their own. A peer cannot make them grow: of the answers to its pings
//! one waits, the newest. A writer takes all that wait at once, and no more before those have left.

use std::collections::VecDeque;

use hubless_protocol::wire::Encoder;
use hubless_protocol::{Control, ControlKind};

/// What may wait, in [cost](Control::cost). One passes in any case where nothing else waits.
pub(crate) const MOST: usize = 64 * 1024;

/// Controls of one pipe.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    /// Not yet taken by a writer, oldest first.
    pending: VecDeque<(ControlKind, Box<[u8]>)>,
    /// The answer to the newest ping, not yet taken either.
    pong: Option<Box<[u8]>>,
    /// What all cost that have not left.
    cost: usize,
    /// One was refused: the pattern is told of room.
    refused: bool,
}

impl Controls {
    /// What all cost that have not left.
    pub(crate) fn cost(&self) -> usize {
        self.cost
    }

    /// Whether any waits for a writer.
    pub(crate) fn are_pending(&self) -> bool {
        self.pong.is_some() || !self.pending.is_empty()
    }

    /// Whether there is room for one more of this cost, if there is memory as well.
    pub(crate) fn have_room(&self, cost: usize) -> bool {
        self.cost == 0 || self.cost.saturating_add(cost) <= MOST
    }

    pub(crate) fn push(&mut self, control: Control<'_>) {
        self.cost += control.cost();
        self.pending.push_back((control.kind, control.body.into()));
    }

    /// One found no room.
    pub(crate) fn refuse(&mut self) {
        self.refused = true;
    }

    /// The peer has pinged with this: it is answered, and an older ping no more that has no answer yet.
    pub(crate) fn answer(&mut self, body: &[u8]) {
        let older = self.pong.replace(body.into());
        self.cost -= older.map_or(0, |body| pong(&body).cost());
        self.cost += pong(body).cost();
    }

    /// Gives a writer all that wait, if it has none left.
    pub(crate) fn take_batch(&mut self, into: &mut Encoder) {
        if into.controls() > 0 {
            return;
        }
        if let Some(body) = self.pong.take() {
            let _ = into.push_control(pong(&body));
        }
        for (kind, body) in std::mem::take(&mut self.pending) {
            let _ = into.push_control(Control { kind, body: &body });
        }
    }

    /// Some have left that cost so much. Whether the pattern is to be told that there is room: where it is owed that, and half is free.
    pub(crate) fn have_left(&mut self, cost: usize) -> bool {
        self.cost = self.cost.saturating_sub(cost);
        self.cost <= MOST / 2 && std::mem::take(&mut self.refused)
    }
}

fn pong(body: &[u8]) -> Control<'_> {
    Control { kind: ControlKind::Pong, body }
}
