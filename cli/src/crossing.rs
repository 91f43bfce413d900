//! What goes through a device, in one line.

use std::time::Duration;

use hubless::Stats;
use hubless::human::count;

use crate::traffic::{Describes, rate};

/// Both sockets at one moment. A device that reflects has no back.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Crossing {
    pub(crate) front: Stats,
    pub(crate) back: Option<Stats>,
}

/// Tells of a device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ways;

impl Describes for Ways {
    type Seen = Crossing;

    fn line(&self, seen: &Crossing, before: &Crossing, passed: Duration) -> String {
        let Crossing { front, back: Some(back) } = seen else {
            let passed_on = way(&before.front, &seen.front, &seen.front, passed);
            let Stats { pipes, drops, .. } = seen.front;
            let (peers, dropped) = (count(pipes), count(drops.total()));
            return format!("peers {peers} | passed on {passed_on} | dropped {dropped}");
        };
        let before_back = before.back.unwrap_or_default();
        format!(
            "peers {} in front, {} at the back | to the back {} | to the front {} | dropped {}",
            count(front.pipes),
            count(back.pipes),
            way(&before.front, front, back, passed),
            way(&before_back, back, front, passed),
            count(front.drops.total() + back.drops.total()),
        )
    }
}

/// What was taken from one side, at most a given number a second, and waits to be taken or to leave by the other.
fn way(before: &Stats, from: &Stats, to: &Stats, passed: Duration) -> String {
    let (taken, queued) = (taken(from), from.recv_queue + to.send_queue);
    let rate = rate(self::taken(before), taken, passed);
    format!("{}, {}/s, {} queued", count(taken), count(rate), count(queued))
}

/// Where one message goes to many peers, it counts once.
fn taken(side: &Stats) -> u64 {
    side.received.saturating_sub(side.recv_queue as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(pipes: usize, received: u64, queues: (usize, usize)) -> Stats {
        let mut side = Stats::default();
        (side.pipes, side.received, (side.recv_queue, side.send_queue)) = (pipes, received, queues);
        side
    }

    #[test]
    fn both_ways_are_told_with_the_rates_since_the_last_line() {
        let before = Crossing { front: side(2, 100, (0, 0)), back: Some(side(1, 10, (0, 0))) };
        let mut after = Crossing { front: side(2, 305, (5, 7)), back: Some(side(3, 30, (0, 2))) };
        after.front.drops.peer_full = 4;
        assert_eq!(
            Ways.line(&after, &before, Duration::from_secs(2)),
            "peers 2 in front, 3 at the back | to the back 300, 100/s, 7 queued | to the front 30, 10/s, 7 queued | dropped 4"
        );
    }

    #[test]
    fn one_that_reflects_has_one_way() {
        let after = Crossing { front: side(2, 6, (1, 3)), back: None };
        let told = Ways.line(&after, &Crossing::default(), Duration::from_secs(1));
        assert_eq!(told, "peers 2 | passed on 5, 5/s, 4 queued | dropped 0");
    }
}
