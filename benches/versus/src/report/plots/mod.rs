//! Plots, as SVG on a white ground, so that they can be read on a dark page too.

mod bars;
mod lines;
mod palette;

use std::path::Path;

use crate::Outcome;
use crate::measure::Row;
use bars::Bars;

/// Draws whatever has been measured.
pub(super) fn draw(folder: &Path, rows: &[Row]) -> Outcome<()> {
    for transport in ["tcp", "ipc", "inproc"] {
        let rows = of(rows, &format!("push-pull-{transport}"));
        lines::draw(&folder.join(format!("push-pull-{transport}.svg")), transport, &rows)?;
    }
    let bars = [
        ("req-rep", "p50", "Round trip, 64 B, median, us (less is better)"),
        (
            "pub-sub",
            "deliveries",
            "One PUB to many SUBs over tcp, 64 B, deliveries a second (more is better)",
        ),
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
