//! `--stats`: what goes through the socket, told while it runs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use hubless::Stats;
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::now;

/// How often it is told.
const EVERY: Duration = Duration::from_secs(1);

/// What was told last, and how that is done.
#[derive(Debug)]
pub(crate) struct Traffic {
    begun: Instant,
    last: (Instant, Stats),
    show: Show,
}

#[derive(Debug)]
enum Show {
    /// Nobody wants to know.
    Nothing,
    /// A line each time.
    Lines,
    /// One line, which is kept up to date.
    Line(ProgressBar),
}

impl Traffic {
    /// Begins. Where messages are printed on the terminal as well, a line that is drawn again and again would be among them.
    pub(crate) fn begin(wanted: bool, prints: bool) -> Self {
        let show = match wanted {
            false => Show::Nothing,
            true if io::stderr().is_terminal() && !(prints && io::stdout().is_terminal()) => {
                let style =
                    ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
                Show::Line(ProgressBar::new_spinner().with_style(style))
            }
            true => Show::Lines,
        };
        let begun = now();
        Self { begun, last: (begun, Stats::default()), show }
    }

    /// Tells how it is, if it is time to. What is written to standard error otherwise is written by `others`.
    pub(crate) fn look(&mut self, stats: &Stats, others: impl FnOnce()) {
        match &self.show {
            Show::Line(bar) => bar.suspend(others),
            Show::Nothing | Show::Lines => others(),
        }
        let (since, before) = self.last;
        let at = now();
        let passed = at.saturating_duration_since(since);
        if passed >= EVERY {
            self.tell(line(&before, stats, passed));
            self.last = (at, *stats);
        }
    }

    /// Leaves the terminal to others, for good.
    pub(crate) fn clear(&self) {
        if let Show::Line(bar) = &self.show {
            bar.finish_and_clear();
        }
    }

    /// Tells what it was in all.
    pub(crate) fn end(&self, stats: &Stats) {
        let passed = now().saturating_duration_since(self.begun);
        if !matches!(self.show, Show::Nothing) {
            write(&line(&Stats::default(), stats, passed));
        }
    }

    fn tell(&self, line: String) {
        match &self.show {
            Show::Nothing => {}
            Show::Lines => write(&line),
            Show::Line(bar) => bar.set_message(line),
        }
    }
}

/// Where nobody reads standard error, there is nobody to tell that.
fn write(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// What has changed in this time.
fn line(before: &Stats, after: &Stats, passed: Duration) -> String {
    let Stats { pipes, sent, received, send_queue, recv_queue, drops, .. } = after;
    format!(
        "peers {pipes} | sent {sent}, {}/s, {send_queue} queued | received {received}, {}/s, {recv_queue} queued | dropped {}",
        rate(sent - before.sent.min(*sent), passed),
        rate(received - before.received.min(*received), passed),
        drops.total(),
    )
}

/// So many a second.
fn rate(count: u64, passed: Duration) -> u64 {
    let nanos = passed.as_nanos().max(1);
    u64::try_from(u128::from(count) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(sent: u64, received: u64) -> Stats {
        let mut stats = Stats::default();
        (stats.sent, stats.received) = (sent, received);
        stats
    }

    #[test]
    fn a_line_tells_totals_and_the_rates_since_the_last() {
        let mut after = stats(1500, 40);
        (after.pipes, after.send_queue, after.recv_queue, after.drops.peer_full) = (2, 7, 3, 1);
        assert_eq!(
            line(&stats(500, 20), &after, Duration::from_secs(2)),
            "peers 2 | sent 1500, 500/s, 7 queued | received 40, 10/s, 3 queued | dropped 1"
        );
    }

    #[test]
    fn no_time_and_no_count_is_no_error() {
        assert_eq!(rate(0, Duration::ZERO), 0);
        assert_eq!(rate(1, Duration::from_millis(500)), 2);
        assert_eq!(rate(u64::MAX, Duration::ZERO), u64::MAX);
        line(&stats(5, 5), &stats(0, 0), Duration::ZERO);
    }
}
