use std::fmt;
use std::time::Duration;

use crate::drift::Drift;
use crate::stages::{Held, Stage};

/// What was done up to now.
pub(crate) struct Tally {
    lines: Vec<Line>,
    pub(crate) failures: usize,
    pub(crate) drift: Drift,
}

/// What one stage did.
struct Line {
    name: &'static str,
    rounds: u64,
    judged: u64,
    time: Duration,
    failed: Vec<u64>,
    last: String,
}

impl Tally {
    pub(crate) fn new(stages: &[Stage]) -> Self {
        let line = |stage: &Stage| Line {
            name: stage.name,
            rounds: 0,
            judged: 0,
            time: Duration::ZERO,
            failed: Vec::new(),
            last: String::new(),
        };
        Self { lines: stages.iter().map(line).collect(), failures: 0, drift: Drift::default() }
    }

    pub(crate) fn was_held(&self, place: usize) -> bool {
        self.lines[place].rounds > 0
    }

    /// A stage was held; nothing where it failed.
    pub(crate) fn enter(&mut self, place: usize, seed: u64, took: Duration, held: Option<Held>) {
        let line = &mut self.lines[place];
        line.rounds += 1;
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
        writeln!(f, "\n| stage | rounds | minutes | judged | failed | the last round |")?;
        writeln!(f, "|---|--:|--:|--:|---|---|")?;
        for line in &self.lines {
            let failed =
                if line.failed.is_empty() { "none".into() } else { format!("seeds {:?}", line.failed) };
            let minutes = line.time.as_secs_f64() / 60.0;
            let Line { name, rounds, judged, last, .. } = line;
            writeln!(f, "| {name} | {rounds} | {minutes:.1} | {judged} | {failed} | {last} |")?;
        }
        writeln!(
            f,
            "\nDescriptors at the end beyond those after the first round: {}.",
            self.drift.descriptors()
        )?;
        match self.drift.growth() {
            Some(growth) => write!(f, "Memory in the second half: {growth:+.2} MiB an hour."),
            None => write!(f, "Memory: too few rounds to tell how it grows."),
        }
    }
}
