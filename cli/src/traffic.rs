//! `--stats`: what goes through the sockets, told while it runs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use hubless::Stats;
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::now;

/// How often it is told.
const EVERY: Duration = Duration::from_secs(1);

/// What is told of, as it is at one moment.
pub(crate) trait Told: Copy + Default {
    /// How it is, and what has changed since it was as `before`, this time ago.
    fn line(&self, before: &Self, passed: Duration) -> String;
}

/// What was told last, and how that is done.
#[derive(Debug)]
pub(crate) struct Traffic<T = Stats> {
    begun: Instant,
    last: (Instant, T),
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

impl<T: Told> Traffic<T> {
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
        Self { begun, last: (begun, T::default()), show }
    }

    /// Tells how it is, if it is time to. What is written to standard error otherwise is written by `others`.
    pub(crate) fn look(&mut self, seen: &T, others: impl FnOnce()) {
        match &self.show {
            Show::Line(bar) => bar.suspend(others),
            Show::Nothing | Show::Lines => others(),
        }
        let (since, before) = self.last;
        let at = now();
        let passed = at.saturating_duration_since(since);
        if passed >= EVERY {
            self.tell(seen.line(&before, passed));
            self.last = (at, *seen);
        }
    }

    /// Leaves the terminal to others, for good.
    pub(crate) fn clear(&self) {
        if let Show::Line(bar) = &self.show {
            bar.finish_and_clear();
        }
    }

    /// Tells what it was in all.
    pub(crate) fn end(&self, seen: &T) {
        let passed = now().saturating_duration_since(self.begun);
        if !matches!(self.show, Show::Nothing) {
            write(&seen.line(&T::default(), passed));
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

/// One socket.
impl Told for Stats {
    fn line(&self, before: &Self, passed: Duration) -> String {
        let Self { pipes, sent, received, send_queue, recv_queue, drops, .. } = self;
        format!(
            "peers {pipes} | sent {sent}, {}/s, {send_queue} queued | received {received}, {}/s, {recv_queue} queued | dropped {}",
            rate(before.sent, *sent, passed),
            rate(before.received, *received, passed),
            drops.total(),
        )
    }
}

/// So many a second.
pub(crate) fn rate(before: u64, after: u64, passed: Duration) -> u64 {
    let (count, nanos) = (after.saturating_sub(before), passed.as_nanos().max(1));
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
            after.line(&stats(500, 20), Duration::from_secs(2)),
            "peers 2 | sent 1500, 500/s, 7 queued | received 40, 10/s, 3 queued | dropped 1"
        );
    }

    #[test]
    fn no_time_and_no_count_is_no_error() {
        assert_eq!(rate(0, 0, Duration::ZERO), 0);
        assert_eq!(rate(2, 3, Duration::from_millis(500)), 2);
        assert_eq!(rate(0, u64::MAX, Duration::ZERO), u64::MAX);
        stats(0, 0).line(&stats(5, 5), Duration::ZERO);
    }
}
