use std::fmt;
use std::time::{Duration, Instant};

use crate::ProcessResources;

/// How what a process holds changes in the course of a long run, and whether that is a leak.
#[derive(Debug, Clone, Default)]
pub struct LeakTrend {
    notes: Vec<(Instant, ProcessResources)>,
}

/// What is judged by the hour, where it can be.
#[derive(Debug, Clone, Copy)]
enum Growth {
    /// There is too little to compare.
    Unknown,
    /// MiB by which it grew in the second half, which was too short to say more.
    Short(f64),
    /// MiB an hour, and MiB, by which it grew in the second half.
    Long(f64, f64),
}

/// MiB by which memory may grow an hour. What the process asked for is counted, so that this can be seen within some hours.
const AN_HOUR: f64 = 0.1;
/// MiB by which memory may grow in the second half. What of it is resident depends on which parts of it the allocator has used, and
/// changes by some MiB; and a step is no slope, where the time is short.
const A_HALF: f64 = 8.0;
/// A second half that is shorter says nothing about an hour.
const LONG: Duration = Duration::from_secs(3600);
/// Fewer notes say nothing at all.
const FEW: usize = 8;

impl LeakTrend {
    /// What it holds now. The first is what all others are compared with: what is kept for the next time has to be there.
    pub fn note(&mut self, when: Instant, resources: ProcessResources) {
        self.notes.push((when, resources));
    }

    /// By how many descriptors there were more at the end than at first.
    pub fn descriptors(&self) -> i64 {
        let [first, last] = [self.notes.first(), self.notes.last()]
            .map(|note| note.map_or(0, |(_, resources)| resources.descriptors));
        last - first
    }

    /// Whether descriptors or memory have leaked.
    pub fn is_leak(&self) -> bool {
        let resident = self.resident();
        let grew = match self.asked_for() {
            Growth::Unknown => false,
            Growth::Short(half) => half >= A_HALF,
            Growth::Long(hour, _) => hour >= AN_HOUR,
        };
        let swelled = matches!(resident, Growth::Short(half) | Growth::Long(_, half) if half >= A_HALF);
        self.descriptors() > 0 || grew || swelled
    }

    fn asked_for(&self) -> Growth {
        self.growth(|resources| mib(resources.bytes))
    }

    fn resident(&self) -> Growth {
        self.growth(|resources| mib(resources.resident_kib.saturating_mul(1024)))
    }

    /// How something grew in the second half of the time.
    fn growth(&self, of: impl Fn(&ProcessResources) -> f64) -> Growth {
        let [Some((first, _)), Some((last, _))] = [self.notes.first(), self.notes.last()] else {
            return Growth::Unknown;
        };
        let middle = *first + last.duration_since(*first) / 2;
        let half: Vec<_> = self.notes.iter().filter(|(when, _)| *when >= middle).collect();
        let hours = |when: &Instant| when.duration_since(middle).as_secs_f64() / 3600.0;
        let points: Vec<_> = half.iter().map(|(when, resources)| (hours(when), of(resources))).collect();
        if points.len() < FEW {
            return Growth::Unknown;
        }
        // A leak goes on growing. What makes room once, for more than ever came together, does so in one of the two parts.
        let (one, other) = points.split_at(points.len() / 2);
        let slope = [&points[..], one, other].map(slope).into_iter().fold(f64::INFINITY, f64::min);
        let time = last.duration_since(middle);
        let whole = slope * time.as_secs_f64() / 3600.0;
        if time < LONG { Growth::Short(whole) } else { Growth::Long(slope, whole) }
    }
}

impl fmt::Display for LeakTrend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.notes.len() < 2 {
            return write!(
                f,
                "Descriptors and memory: too short to judge, for nothing was held a second time."
            );
        }
        writeln!(
            f,
            "Descriptors beyond those after each stage was held once: {}; none are allowed.",
            self.descriptors()
        )?;
        writeln!(
            f,
            "Memory asked for, in the second half: {}. Allowed: {AN_HOUR} MiB an hour.",
            self.asked_for()
        )?;
        write!(f, "Memory in use, in the second half: {}. Allowed: {A_HALF} MiB in all.", self.resident())
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "too few notes to judge"),
            Self::Short(half) => {
                write!(f, "{half:+.2} MiB, which is too short to judge by the hour: only {A_HALF} MiB fail")
            }
            Self::Long(hour, half) => write!(f, "{hour:+.3} MiB an hour, {half:+.2} MiB in all"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are not 2^52 bytes")]
fn mib(bytes: i64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The median of the slopes between every two. Unlike the line of least squares it does not follow one note that was taken too early.
fn slope(points: &[(f64, f64)]) -> f64 {
    let pairs = points.iter().enumerate().flat_map(|(place, one)| {
        points[place + 1..].iter().filter(|two| two.0 > one.0).map(|two| (two.1 - one.1) / (two.0 - one.0))
    });
    let mut slopes: Vec<f64> = pairs.collect();
    slopes.sort_by(f64::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or(0.0)
}
