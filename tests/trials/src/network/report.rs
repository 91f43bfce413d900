use std::fmt;
use std::time::Duration;

use super::host::IN_SYSTEM;
use super::{Conditions, Plan};

/// Bytes that a message has in front of it on the wire.
const PREFIX: usize = 8;

/// What came of a trial over a bad network.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// What was tried.
    pub what: &'static str,
    /// With which figures.
    pub plan: Plan,
    /// Messages that were to be sent.
    pub sent: u64,
    /// Messages that came.
    pub received: u64,
    /// Messages that never came.
    pub lost: u64,
    /// Those that a socket counts as dropped.
    pub counted: u64,
    /// Connections that ended, at either end.
    pub disconnected: u64,
    /// How long it took.
    pub time: Duration,
}

impl Report {
    /// Nothing is lost but with a connection, and then no more than the system had taken.
    pub(super) fn check_that_nothing_is_lost(&self) {
        assert_eq!(self.sent, self.received + self.lost, "{self}");
        let message = self.plan.length + PREFIX;
        let with_a_connection = (IN_SYSTEM / message) as u64 + 1;
        assert!(self.lost <= self.counted + self.disconnected * with_a_connection, "{self}");
    }

    /// What is lost is counted, but for what a connection took with it.
    pub(super) fn check_that_loss_is_counted(&self) {
        assert_eq!(self.sent, self.received + self.lost, "{self}");
        assert!(self.disconnected > 0 || self.lost == self.counted, "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, plan, sent, received, lost, counted, disconnected, time } = self;
        let Conditions { loss, delay, reorder, duplicate, .. } = plan.conditions;
        write!(
            f,
            "{what} over a network with {loss} % loss, {delay:?}, {reorder} % overtaken, {duplicate} % twice, "
        )?;
        write!(f, "cut for {:?}: {sent} sent, {received} received, {lost} lost, ", plan.partition)?;
        write!(f, "{counted} counted as dropped, {disconnected} connections ended, in {time:.1?}")
    }
}
