use std::time::Duration;

use super::Conditions;
use crate::Trial;

/// The figures of a trial over a bad network.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The network.
    pub conditions: Conditions,
    /// For how long nothing gets through, once, in the midst of it all.
    pub partition: Duration,
    /// Messages in each direction, or requests, or surveys.
    pub messages: u64,
    /// Octets of each message, or as many as a stamp needs.
    pub length: usize,
}

impl Plan {
    /// How long nothing may come at the most. While the network is cut tcp waits ever longer before it tries again, up to twice
    /// the time of the cut, and a connection that was given up has to be made again.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(60) + 3 * self.partition
    }

    /// After how many messages the network is cut: neither among the first nor among the last.
    pub(super) fn cut_at(&self, trial: &Trial) -> u64 {
        let quarter = self.messages / 4;
        trial.chance(3).u64(quarter..=3 * quarter)
    }
}
