//! Tables: a column for each case of a work, a row for each contestant.

use std::fmt::{self, Write};

use crate::contestant::{Contestant, Library, Setting};
use crate::measure::{Better, Column, Metric, Row, Trouble};

/// Writes the tables of all works, and what went wrong.
pub(super) fn write(out: &mut String, rows: &[Row]) -> fmt::Result {
    for rows in rows.chunk_by(|one, next| one.work == next.work) {
        let Some(first) = rows.first() else { continue };
        for metric in first.metrics {
            writeln!(out, "## {}, {} ({})\n", first.work, metric.name, metric.unit)?;
            table(out, rows, metric)?;
            writeln!(out)?;
        }
        variants(out, rows)?;
    }
    troubles(out, rows)
}

/// In which of its ways the floor was measured.
fn variants(out: &mut String, rows: &[Row]) -> fmt::Result {
    let said = |row: &Row| {
        let Setting::Floor(floor) = row.column(Contestant::RAW)?.variant?.setting else { return None };
        Some(format!("{} with {floor}", row.case))
    };
    let said: Vec<_> = rows.iter().filter_map(said).collect();
    if said.is_empty() {
        return Ok(());
    }
    writeln!(out, "raw is at its best, which is {}.\n", said.join("; "))
}

fn troubles(out: &mut String, rows: &[Row]) -> fmt::Result {
    let said = rows.iter().flat_map(|row| row.columns.iter().map(move |column| (row, column)));
    let said: Vec<_> =
        said.filter_map(|(row, column)| Some((row, column, column.trouble.as_ref()?))).collect();
    if said.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What hung or failed\n")?;
    for (row, column, trouble) in said {
        writeln!(out, "* {}, {}, {}: {trouble}", row.work, row.case, column.name)?;
    }
    writeln!(out)
}

fn table(out: &mut String, rows: &[Row], metric: &Metric) -> fmt::Result {
    let cases: Vec<_> = rows.iter().map(|row| row.case.as_str()).collect();
    writeln!(out, "| | {} |", cases.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(rows.len()))?;
    for contestant in contestants(rows.iter()) {
        let cells = rows
            .iter()
            .map(|row| row.column(contestant).map_or_else(String::new, |column| cell(column, metric)));
        line(out, &contestant.to_string(), cells)?;
    }
    for setting in [Setting::Default, Setting::Batch] {
        ratios(out, rows, Contestant::new(Library::Hubless, setting), metric)?;
    }
    Ok(())
}

/// Everybody who is in any of the rows, in the order of the first.
pub(super) fn contestants<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Contestant> {
    let mut all = Vec::new();
    for column in rows.flat_map(|row| &row.columns) {
        if !all.contains(&column.contestant) {
            all.push(column.contestant);
        }
    }
    all
}

fn cell(column: &Column, metric: &Metric) -> String {
    let trouble = column.trouble.as_ref().map(Trouble::word);
    let Some(figure) = column.median(metric.name) else { return trouble.unwrap_or_default().into() };
    let wrong = Some(column.wrong()).filter(|wrong| *wrong > 0.0);
    let notes =
        [wrong.map(|wrong| format!(" ({wrong} wrong)")), trouble.map(|word| format!(" (once {word})"))];
    short(figure) + &notes.into_iter().flatten().collect::<String>()
}

/// What one contestant did to the floor, to libzmq, and to the best of all others.
fn ratios(out: &mut String, rows: &[Row], one: Contestant, metric: &Metric) -> fmt::Result {
    for (name, other) in [("raw", Library::Raw), ("libzmq", Library::Libzmq)] {
        let cells = rows.iter().map(|row| ratio(row, one, Contestant::plain(other), metric));
        comparison(out, &format!("*{one} / {name}*"), cells.collect())?;
    }
    let cells = rows.iter().map(|row| {
        let best = best_peer(row, metric).map(|best| (best, ratio(row, one, best, metric)));
        best.filter(|(_, ratio)| !ratio.is_empty())
            .map_or_else(String::new, |(best, ratio)| format!("{ratio} ({best})"))
    });
    comparison(out, &format!("*{one} / best peer*"), cells.collect())
}

fn ratio(row: &Row, one: Contestant, other: Contestant, metric: &Metric) -> String {
    let ratio = row.ratio(one, other, metric.name).filter(|ratio| ratio.is_finite());
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
}

/// A line with something in it.
fn comparison(out: &mut String, name: &str, cells: Vec<String>) -> fmt::Result {
    if cells.iter().all(String::is_empty) {
        return Ok(());
    }
    line(out, name, cells.into_iter())
}

/// The best of those that are neither the floor nor hubless.
fn best_peer(row: &Row, metric: &Metric) -> Option<Contestant> {
    let peer = |one: Contestant| !matches!(one.library, Library::Raw | Library::Hubless);
    best_of(row, peer, metric.name, metric.better)
}

/// The best of one library's settings.
pub(super) fn best(row: &Row, library: Library, metric: &str, better: Better) -> Option<Contestant> {
    best_of(row, |one| one.library == library, metric, better)
}

fn best_of(row: &Row, of: impl Fn(Contestant) -> bool, metric: &str, better: Better) -> Option<Contestant> {
    let columns = row.columns.iter().filter(|column| of(column.contestant));
    let figures = columns.filter_map(|column| Some((column.median(metric)?, column.contestant)));
    let best = match better {
        Better::More => figures.max_by(|one, other| one.0.total_cmp(&other.0)),
        Better::Less => figures.min_by(|one, other| one.0.total_cmp(&other.0)),
    };
    best.map(|(_, contestant)| contestant)
}

fn line(out: &mut String, name: &str, cells: impl Iterator<Item = String>) -> fmt::Result {
    writeln!(out, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// Three digits that count.
pub(super) fn short(figure: f64) -> String {
    let (scaled, suffix) = match figure.abs() {
        size if size >= 1e6 => (figure / 1e6, " M"),
        size if size >= 1e4 => (figure / 1e3, " k"),
        _ => (figure, ""),
    };
    let digits = match scaled.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{scaled:.digits$}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn three_digits_are_shown() {
        let figures = [0.0123, 1.234, 12.34, 123.4, 1234.0, 12_345.0, 1_234_567.0, 123_456_789.0];
        let shown = figures.map(short);
        assert_eq!(shown, ["0.012", "1.23", "12.3", "123", "1234", "12.3 k", "1.23 M", "123 M"]);
    }
}
