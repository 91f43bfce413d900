use std::fmt;
use std::time::Duration;

use hubless_trials::LeakTrend;

use crate::stages::{Held, Stage};

/// What was done up to now.
pub(crate) struct Tally {
    lines: Vec<Line>,
    pub(crate) failures: usize,
    pub(crate) trend: LeakTrend,
}

/// What one stage did.
struct Line {
    name: &'static str,
    judges: &'static str,
    aim: Option<u64>,
    times: u64,
    judged: u64,
    time: Duration,
    failed: Vec<u64>,
    last: String,
}

impl Tally {
    pub(crate) fn new(stages: &[Stage]) -> Self {
        let line = |stage: &Stage| Line {
            name: stage.name,
            judges: stage.judges,
            aim: stage.aim,
            times: 0,
            judged: 0,
            time: Duration::ZERO,
            failed: Vec::new(),
            last: String::new(),
        };
        Self { lines: stages.iter().map(line).collect(), failures: 0, trend: LeakTrend::default() }
    }

    /// How often this one was held.
    pub(crate) fn times(&self, place: usize) -> u64 {
        self.lines[place].times
    }

    pub(crate) fn all_were_held(&self) -> bool {
        self.lines.iter().all(|line| line.times > 0)
    }

    /// A stage was held; nothing where it failed.
    pub(crate) fn enter(&mut self, place: usize, seed: u64, took: Duration, held: Option<Held>) {
        let line = &mut self.lines[place];
        line.times += 1;
        line.time += took;
        if let Some(Held { judged, words }) = held {
            line.judged += judged;
            line.last = words;
        } else {
            line.failed.push(seed);
            self.failures += 1;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| stage | held | minutes | judged | failed | the last time |")?;
        writeln!(f, "|---|--:|--:|---|---|---|")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        let named = |wanted: fn(&Line) -> bool| -> Vec<_> {
            self.lines.iter().filter(|line| wanted(line)).map(|line| line.name).collect()
        };
        let (short, not_held) = (named(|line| !line.is_reached()), named(|line| line.times == 0));
        let none_or = |names: Vec<&str>| if names.is_empty() { "none".into() } else { names.join("; ") };
        writeln!(f, "\nShort of the programme's figures: {}.", none_or(short))?;
        writeln!(f, "\nNot held: {}.", none_or(not_held))?;
        let leaks = if self.trend.is_leak() { "\n\n**FAILED**: something leaks." } else { "" };
        write!(f, "\n{}{leaks}", self.trend)
    }
}

impl Line {
    fn is_reached(&self) -> bool {
        self.aim.is_none_or(|aim| self.judged >= aim)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, judges, times, last, .. } = self;
        let minutes = self.time.as_secs_f64() / 60.0;
        let aim = self.aim.map_or_else(String::new, |aim| format!(" of {}", Grouped(aim)));
        let judged = Grouped(self.judged);
        let failed = match &self.failed[..] {
            _ if *times == 0 => "not held".into(),
            [] => "none".into(),
            seeds => format!("**FAILED**: seeds {seeds:?}"),
        };
        write!(f, "| {name} | {times} | {minutes:.1} | {judged}{aim} {judges} | {failed} | {last} |")
    }
}

/// A number that can be read: 200 000 000.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                write!(f, " ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}
