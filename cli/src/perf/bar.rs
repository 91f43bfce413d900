//! How far a run is, on a terminal. Drawn by who looks after the peers, so that the measured loops know nothing of it.

use std::fmt::Write;

use hubless::Stats;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::figures::whole;

/// Where it is known how many messages there will be.
const KNOWN: &str = "{bar:30} {percent:>3} %  {human_pos} of {human_len}  {rate}  {eta} left";
/// Where it is not.
const UNKNOWN: &str = "{spinner} {human_pos}  {rate}";

/// A bar on standard error; nothing at all where that is no terminal. It is gone when it is dropped.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// For this many messages.
    pub(super) fn new(total: Option<u64>) -> Self {
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), KNOWN),
            None => (ProgressBar::new_spinner(), UNKNOWN),
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(bar.with_style(style.with_key("rate", rate)))
    }

    /// Shows how far these sockets are together.
    pub(super) fn show(&self, seen: &[Stats]) {
        self.0.set_position(moved(seen).min(self.0.length().unwrap_or(u64::MAX)));
    }

    /// Has something else written to the terminal meanwhile.
    pub(super) fn aside(&self, others: impl FnOnce()) {
        self.0.suspend(others);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Messages a second, by the last of them. There is nothing to be done about a line that cannot be drawn.
fn rate(state: &ProgressState, line: &mut dyn Write) {
    let _ = write!(line, "{}/s", whole(state.per_sec()));
}

/// Messages that went one way, and of those that have answers one for each.
fn moved(seen: &[Stats]) -> u64 {
    seen.iter().map(|stats| stats.sent.max(stats.received)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_and_its_answer_count_once() {
        let mut one = Stats::default();
        (one.sent, one.received) = (100, 99);
        let mut other = Stats::default();
        other.received = 7;
        assert_eq!(moved(&[one, other]), 107);
    }

    #[test]
    fn what_is_drawn_can_be() {
        for total in [None, Some(10)] {
            let bar = Bar::new(total);
            let mut stats = Stats::default();
            stats.sent = 11;
            bar.show(&[stats]);
            assert_eq!(bar.0.position(), total.unwrap_or(11));
        }
        assert!(ProgressStyle::with_template(KNOWN).is_ok() && ProgressStyle::with_template(UNKNOWN).is_ok());
    }
}
