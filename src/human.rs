//! Durations, counts, sizes and tables as people write them. The tool prints with it too; it is no part of the public interface.

use std::fmt::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time in at most three digits or two units: `20 ms`, `1.5 s`, `2 min 5 s`, `3 h`, `2 d 4 h`.
pub fn duration(duration: Duration) -> impl fmt::Display {
    let exact = duration.as_nanos();
    // Three digits say enough: a wait until an instant is never of a round number.
    let finest = 10_u128.pow(exact.max(1).ilog10().saturating_sub(2)).min(1_000_000_000);
    let shown = u64::try_from((exact + finest / 2) / finest * finest).map_or(duration, Duration::from_nanos);
    match shown.as_secs() {
        0..60 if shown.is_zero() => Text("0 s".into()),
        0..60 => in_one_unit(shown),
        seconds @ 60..3600 => in_two_units(seconds, "min", 60, "s"),
        seconds => match (seconds.saturating_add(30)) / 60 {
            minutes @ ..1440 => in_two_units(minutes, "h", 60, "min"),
            minutes => in_two_units(minutes.saturating_add(30) / 60, "d", 24, "h"),
        },
    }
}

/// As the standard library does it, with a space in front of the unit.
fn in_one_unit(shown: Duration) -> Text {
    let text = format!("{shown:?}");
    let unit = text.find(char::is_alphabetic).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    Text(format!("{number} {unit}"))
}

/// `number` of the smaller unit, of which the larger has `size`.
fn in_two_units(number: u64, larger: &str, size: u64, smaller: &str) -> Text {
    let whole = count(number / size);
    Text(match number % size {
        0 => format!("{whole} {larger}"),
        rest => format!("{whole} {larger} {rest} {smaller}"),
    })
}

/// A number with its digits in groups of three: `1,234,567`.
pub fn count(number: impl TryInto<u64>) -> impl fmt::Display {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Text(grouped)
}

/// A number with its noun: `1 message`, `12,345 messages`.
pub fn counted(number: impl TryInto<u64>, noun: &str) -> impl fmt::Display {
    let number = number.try_into().unwrap_or(u64::MAX);
    Text(format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" }))
}

/// A number of bytes in the largest unit that leaves a digit before the point: `17 bytes`, `1.5 KiB`, `200 MiB`.
pub fn bytes(number: impl TryInto<u64>) -> impl fmt::Display {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number < 1024 {
        return Text(counted(number, "byte").to_string());
    }
    let mut tenths = u128::from(number) * 10;
    let mut units = ["KiB", "MiB", "GiB", "TiB", "PiB"].into_iter();
    let mut unit = "bytes";
    // What would be rounded to 1024 is 1 of the next unit.
    while tenths >= 10_235
        && let Some(larger) = units.next()
    {
        tenths = (tenths + 512) / 1024;
        unit = larger;
    }
    Text(match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole @ 100.., more) => format!("{} {unit}", if more < 5 { whole } else { whole + 1 }),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    })
}

/// A moment as logs have it, in UTC: `2026-11-30T18:04:05.123Z`.
pub fn moment(at: SystemTime) -> impl fmt::Display {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let millis = since.subsec_millis();
    Text(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
}

/// The year, month and day, this many days after the first of 1970, in years that begin in March, so that the leap day is their
/// last (H. Hinnant, "chrono-compatible low-level date algorithms").
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since the first of March of the year 0
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (400 * era + year + next, month, day)
}

/// Those of the counts that are not zero, as in `12 peer full, 1 closed`, or `none`.
pub fn reasons(f: &mut fmt::Formatter<'_>, named: &[(&str, u64)]) -> fmt::Result {
    let mut left = named.iter().filter(|(_, number)| *number > 0);
    let Some((name, first)) = left.next() else { return f.pad("none") };
    let mut text = format!("{} {name}", count(*first));
    for (name, number) in left {
        write!(text, ", {} {name}", count(*number))?;
    }
    f.pad(&text)
}

/// Counts with their details, in one line, or with `{:#}` in a line each:
///
/// ```text
/// sent 1,200 (1.2 MiB, 7 queued); dropped 12 (peer full)
///
/// sent     1,200  1.2 MiB, 7 queued
/// dropped     12  peer full
/// ```
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

#[derive(Debug)]
struct Row {
    name: &'static str,
    number: String,
    details: Vec<String>,
}

impl Table {
    /// Without a row.
    pub fn new() -> Self {
        Self::default()
    }

    /// One row more, whose number may be zero.
    #[must_use]
    pub fn row(mut self, name: &'static str, number: impl TryInto<u64>) -> Self {
        self.0.push(Row { name, number: count(number).to_string(), details: Vec::new() });
        self
    }

    /// One row more, if its number or that of a detail is not zero.
    #[must_use]
    pub fn row_of_some(self, name: &'static str, number: u64, details: &[(u64, String)]) -> Self {
        if number == 0 && details.iter().all(|(number, _)| *number == 0) {
            return self;
        }
        details.iter().fold(self.row(name, number), |table, (number, detail)| table.detail(*number, detail))
    }

    /// What was counted in the last row, by reason: the name alone where there is only one.
    #[must_use]
    pub fn row_of_reasons(self, name: &'static str, named: &[(&str, u64)]) -> Self {
        let some: Vec<_> = named.iter().filter(|(_, number)| *number > 0).collect();
        let table = match some.iter().map(|(_, number)| number).sum() {
            0_u64 => return self,
            total => self.row(name, total),
        };
        match some[..] {
            [(reason, number)] => table.detail(*number, reason),
            _ => some.iter().fold(table, |table, (reason, number)| {
                table.detail(*number, &format!("{} {reason}", count(*number)))
            }),
        }
    }

    /// Adds to the last row what its number does not say, if this number is not zero.
    #[must_use]
    pub fn detail(mut self, number: u64, text: &str) -> Self {
        if number > 0
            && let Some(row) = self.0.last_mut()
        {
            row.details.push(text.into());
        }
        self
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn line(&self) -> String {
        let rows = self.0.iter().map(|Row { name, number, details }| match &details[..] {
            [] => format!("{name} {number}"),
            _ => format!("{name} {number} ({})", details.join(", ")),
        });
        rows.collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.pad(&self.line());
        }
        let names = self.0.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let numbers = self.0.iter().map(|row| row.number.len()).max().unwrap_or_default();
        for (index, Row { name, number, details }) in self.0.iter().enumerate() {
            let line = format!("{name:names$}  {number:>numbers$}  {}", details.join(", "));
            write!(f, "{}{}", if index == 0 { "" } else { "\n" }, line.trim_end())?;
        }
        Ok(())
    }
}

/// What can be padded: `{:>10}`.
struct Text(String);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests;
