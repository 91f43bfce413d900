//! Tables: a column for each case of a work, a row for each contestant.

use std::fmt::{self, Write};

use crate::contestant::{Contestant, Library, Setting};
use crate::measure::{Better, Column, Metric, Row};

/// Writes the tables of all works.
pub fn write(out: &mut String, rows: &[Row]) -> fmt::Result {
    for rows in rows.chunk_by(|one, next| one.work == next.work) {
        let Some(first) = rows.first() else { continue };
        for metric in first.metrics {
            writeln!(out, "## {}, {} ({})\n", first.work, metric.name, metric.unit)?;
            table(out, rows, metric)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn table(out: &mut String, rows: &[Row], metric: &Metric) -> fmt::Result {
    let cases: Vec<_> = rows.iter().map(|row| row.case.as_str()).collect();
    writeln!(out, "| | {} |", cases.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(rows.len()))?;
    for contestant in contestants(rows) {
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
fn contestants(rows: &[Row]) -> Vec<Contestant> {
    let mut all = Vec::new();
    for column in rows.iter().flat_map(|row| &row.columns) {
        if !all.contains(&column.contestant) {
            all.push(column.contestant);
        }
    }
    all
}

fn cell(column: &Column, metric: &Metric) -> String {
    let Some(figure) = column.median(metric.name) else {
        return column.trouble.as_ref().map_or_else(String::new, ToString::to_string);
    };
    let mut cell = short(figure);
    if column.wrong() > 0.0 {
        cell += &format!(" ({} wrong)", column.wrong());
    }
    if let Some(trouble) = &column.trouble {
        cell += &format!(" (once {trouble})");
    }
    cell
}

/// What one contestant did to the floor, to libzmq, and to the best of all others.
fn ratios(out: &mut String, rows: &[Row], one: Contestant, metric: &Metric) -> fmt::Result {
    if !rows.iter().any(|row| row.column(one).is_some()) {
        return Ok(());
    }
    for (name, other) in [("raw", Library::Raw), ("libzmq", Library::Libzmq)] {
        let cells = rows.iter().map(|row| ratio(row, one, Contestant::plain(other), metric));
        line(out, &format!("*{one} / {name}*"), cells)?;
    }
    let cells = rows.iter().map(|row| {
        best(row, metric)
            .map_or_else(String::new, |best| format!("{} ({best})", ratio(row, one, best, metric)))
    });
    line(out, &format!("*{one} / best peer*"), cells)
}

fn ratio(row: &Row, one: Contestant, other: Contestant, metric: &Metric) -> String {
    row.ratio(one, other, metric.name).map_or_else(String::new, |ratio| format!("{ratio:.2}"))
}

/// The best of those that are neither the floor nor hubless.
fn best(row: &Row, metric: &Metric) -> Option<Contestant> {
    let peers = row
        .columns
        .iter()
        .filter(|column| !matches!(column.contestant.library, Library::Raw | Library::Hubless));
    let figures = peers.filter_map(|column| Some((column.median(metric.name)?, column.contestant)));
    let best = match metric.better {
        Better::More => figures.max_by(|one, other| one.0.total_cmp(&other.0)),
        Better::Less => figures.min_by(|one, other| one.0.total_cmp(&other.0)),
    };
    best.map(|(_, contestant)| contestant)
}

fn line(out: &mut String, name: &str, cells: impl Iterator<Item = String>) -> fmt::Result {
    writeln!(out, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// Three digits that count.
pub fn short(figure: f64) -> String {
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
