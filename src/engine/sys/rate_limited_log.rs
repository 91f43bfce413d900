//! A log that a peer cannot fill: a limited number of lines a second.

use std::time::Duration;

use hubless_protocol::patterns::Time;

use super::logging::{Level, log_line};

/// The target of these lines, by which a program can filter them (see the crate's documentation).
const TARGET: &str = "hubless::peers";
/// Lines a second at the most.
const LINES: u32 = 10;

/// Writes what peers do wrong, as warnings.
#[derive(Debug, Default)]
pub(crate) struct RateLimitedLog {
    second: Time,
    lines: u32,
    suppressed: u64,
}

impl RateLimitedLog {
    /// Writes the line, unless there were too many within this second. How many were left out is said with the next one.
    pub(crate) fn say(&mut self, now: Time, line: impl FnOnce() -> String) {
        if now.since(self.second) >= Duration::from_secs(1) {
            *self = Self { second: now, lines: 0, suppressed: self.suppressed };
        }
        self.lines += 1;
        if self.lines > LINES {
            self.suppressed += 1;
            return;
        }
        match std::mem::take(&mut self.suppressed) {
            0 => log_line!(target: TARGET, Level::Warn, "{}", line()),
            left_out => {
                log_line!(target: TARGET, Level::Warn, "{} (and {left_out} lines like it were left out)", line());
            }
        }
    }
}
