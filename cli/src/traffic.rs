//! `--stats`: what goes through the sockets, told while it runs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use hubless::Stats;
use hubless::human::count;
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::now;

/// How often it is told.
const EVERY: Duration = Duration::from_secs(1);

/// What is told of, and how.
pub(crate) trait Describes {
    /// As it is at one moment.
    type Seen: Copy + Default;

    /// How it is, and what has changed since it was as `before`, this time ago.
    fn line(&self, seen: &Self::Seen, before: &Self::Seen, passed: Duration) -> String;
}

/// What was told last, and how that is done.
#[derive(Debug)]
pub(crate) struct Traffic<D: Describes = Flow> {
    begun: Instant,
    last: (Instant, D::Seen),
    describes: D,
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

impl<D: Describes> Traffic<D> {
    /// Begins. Where messages are printed on the terminal as well, a line that is drawn again and again would be among them.
    pub(crate) fn begin(describes: D, wanted: bool, prints: bool) -> Self {
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
        Self { begun, last: (begun, D::Seen::default()), describes, show }
    }

    /// Tells how it is, if it is time to. What is written to standard error otherwise is written by `others`.
    pub(crate) fn look(&mut self, seen: &D::Seen, others: impl FnOnce()) {
        match &self.show {
            Show::Line(bar) => bar.suspend(others),
            Show::Nothing | Show::Lines => others(),
        }
        let (since, before) = self.last;
        let at = now();
        let passed = at.saturating_duration_since(since);
        if passed >= EVERY {
            self.tell(self.describes.line(seen, &before, passed));
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
    pub(crate) fn end(&self, seen: &D::Seen) {
        let passed = now().saturating_duration_since(self.begun);
        if !matches!(self.show, Show::Nothing) {
            write(&self.describes.line(seen, &D::Seen::default(), passed));
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

/// One socket, and which ways messages go through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Sends,
    Receives,
    Both,
}

impl Flow {
    /// Whether received messages are printed.
    pub(crate) fn prints(self) -> bool {
        self != Self::Sends
    }
}

impl Describes for Flow {
    type Seen = Stats;

    fn line(&self, seen: &Stats, before: &Stats, passed: Duration) -> String {
        let Stats { pipes, sent, received, send_queue, recv_queue, drops, .. } = seen;
        let mut parts = vec![format!("peers {}", count(*pipes))];
        let mut way = |name: &str, before: u64, after: u64, queue: usize| {
            let rate = count(rate(before, after, passed));
            parts.push(format!("{name} {}, {rate}/s, {} queued", count(after), count(queue)));
        };
        if *self != Self::Receives {
            way("sent", before.sent, *sent, *send_queue);
        }
        if *self != Self::Sends {
            way("received", before.received, *received, *recv_queue);
        }
        parts.push(format!("dropped {}", count(drops.total())));
        parts.join(" | ")
    }
}

/// How many a second.
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
    fn a_line_tells_totals_and_the_rates_since_the_last_of_the_ways_there_are() {
        let mut after = stats(1_500_000, 40);
        (after.pipes, after.send_queue, after.recv_queue, after.drops.peer_full) = (2, 7000, 3, 1);
        let line = |flow: Flow| flow.line(&after, &stats(500, 20), Duration::from_secs(2));
        let sent = "sent 1,500,000, 749,750/s, 7,000 queued";
        let received = "received 40, 10/s, 3 queued";
        assert_eq!(line(Flow::Sends), format!("peers 2 | {sent} | dropped 1"));
        assert_eq!(line(Flow::Receives), format!("peers 2 | {received} | dropped 1"));
        assert_eq!(line(Flow::Both), format!("peers 2 | {sent} | {received} | dropped 1"));
    }

    #[test]
    fn no_time_and_no_count_is_no_error() {
        assert_eq!(rate(0, 0, Duration::ZERO), 0);
        assert_eq!(rate(2, 3, Duration::from_millis(500)), 2);
        assert_eq!(rate(0, u64::MAX, Duration::ZERO), u64::MAX);
        Flow::Both.line(&stats(0, 0), &stats(5, 5), Duration::ZERO);
    }
}
