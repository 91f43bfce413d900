//! Plots, as SVG on a white ground, so that they can be read on a dark page too.

mod bars;
mod lines;
mod palette;

use std::path::Path;

use crate::Outcome;
use crate::measure::Row;
use bars::Bars;
use lines::Lines;

/// Work, metric, what its cases are, and title.
const LINES: [(&str, &str, &str, &str); 9] = [
    ("push-pull-tcp", "rate", SIZES, "PUSH to PULL over tcp, messages a second (more is better)"),
    ("push-pull-ipc", "rate", SIZES, "PUSH to PULL over ipc, messages a second (more is better)"),
    ("push-pull-inproc", "rate", SIZES, "PUSH to PULL over inproc, messages a second (more is better)"),
    (
        "paced-sender-push",
        "rate",
        WORK,
        "A PUSH that works between two sends, messages a second (more is better)",
    ),
    (
        "paced-sender-pub-8",
        "deliveries",
        WORK,
        "A PUB to 8 that works between two sends, deliveries a second (more is better)",
    ),
    (
        "paced-sender-pub-64",
        "deliveries",
        WORK,
        "A PUB to 64 that works between two sends, deliveries a second (more is better)",
    ),
    ("pipes-pub", "deliveries", "SUBs", "One PUB to many, deliveries a second (more is better)"),
    ("pipes-push", "deliveries", "PULLs", "One PUSH to many, deliveries a second (more is better)"),
    (
        "bursts",
        "p50",
        "messages of a burst",
        "Bursts over tcp, us until the last of one arrives (less is better)",
    ),
];
const SIZES: &str = "size of a message";
const WORK: &str = "work before each message";

/// Draws whatever has been measured.
pub(super) fn draw(folder: &Path, rows: &[Row]) -> Outcome<()> {
    for (work, metric, axis, title) in LINES {
        let rows = of(rows, work);
        Lines { title, metric, axis, rows: &rows }.draw(&folder.join(format!("{work}.svg")))?;
    }
    let bars = [
        ("req-rep", "p50", "Round trip, 64 B, median, us (less is better)"),
        (
            "pub-sub",
            "deliveries",
            "One PUB to many SUBs over tcp, 64 B, deliveries a second (more is better)",
        ),
        ("fairness", "p99", "Fairness, 99th percentile of the waits, us (less is better)"),
        ("idle", "resident per connection", "Resident memory of an idle connection, KiB (less is better)"),
    ];
    for (work, metric, title) in bars {
        let rows = of(rows, work);
        Bars { title, metric, rows: &rows }.draw(&folder.join(format!("{work}.svg")))?;
    }
    Ok(())
}

fn of<'a>(rows: &'a [Row], work: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| row.work == work).collect()
}
