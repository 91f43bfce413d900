use std::time::Duration;

use hubless::{Keepalive, Tcp};

use super::surveys::deadline;
use super::{Conditions, Host};
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
    /// Bytes of each message, or as many as a stamp needs.
    pub length: usize,
}

/// Losses, delays and cuts of the long trials. tcp waits up to twice as long as a cut before it tries again, and a message that was
/// begun may stand still for 30 s: after a longer cut the connection may have ended, and the last message gone with it. What becomes
/// of such connections is tried in `silence` and `reboot`.
const LOSSES: [u8; 4] = [0, 1, 5, 20];
const DELAYS: [u64; 3] = [0, 10, 100];
const CUTS: [u64; 3] = [0, 3, 12];

impl Plan {
    /// The figures of the long trials: every loss with every delay and every cut.
    pub fn matrix() -> impl Iterator<Item = Self> {
        let networks = LOSSES.into_iter().flat_map(|loss| DELAYS.map(|delay| (loss, delay)));
        networks.flat_map(|network| CUTS.map(|cut| Self::cell(network, cut)))
    }

    fn cell((loss, delay): (u8, u64), cut: u64) -> Self {
        Self {
            conditions: Conditions { loss, delay: Duration::from_millis(delay), ..Conditions::poor() },
            partition: Duration::from_secs(cut),
            // What tcp can bring over such a network in some seconds.
            messages: (200_000 / (1 + u64::from(loss)) / (1 + delay / 2)).max(1000),
            length: 48,
        }
    }

    /// Where to listen and to dial, for a connection that outlives the cut: it may be silent for longer.
    pub(super) fn endpoint(&self, host: &Host) -> Tcp {
        host.endpoint().keepalive(Keepalive::new().idle(Duration::from_secs(15) + 2 * self.partition))
    }

    /// The same with so many surveys that they go on for some seconds longer than the cut.
    pub(super) fn of_surveys(self) -> Self {
        let time = 2 * self.partition + Duration::from_secs(5);
        let messages = (time.as_millis() / deadline(&self).as_millis()).try_into().expect("a short time");
        Self { messages, ..self }
    }

    /// How long nothing may come at the most. While the network is cut tcp waits ever longer before it tries again, up to twice
    /// the time of the cut, and twice that again where the new try is lost; and a connection that was given up has to be made
    /// again.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(60) + (3 + u32::from(self.conditions.loss)) * self.partition
    }

    /// After how many messages the network is cut: neither among the first nor among the last.
    pub(super) fn cut_at(&self, trial: &Trial) -> u64 {
        let quarter = self.messages / 4;
        trial.chance(3).u64(quarter..=3 * quarter)
    }
}
