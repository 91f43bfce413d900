//! What hubless is to reach, and whether it did.

use std::fmt::{self, Write};

use super::table::{best, short};
use crate::contestant::{Contestant, Library, Setting};
use crate::measure::{Better, Row};

const BATCH: Contestant = Contestant::new(Library::Hubless, Setting::Batch);
const LIBZMQ: Contestant = Contestant::plain(Library::Libzmq);
const OMQ: Contestant = Contestant::plain(Library::Omq);
/// A figure this much beyond its bound counts as near.
const NEAR: f64 = 0.1;

/// What a figure is held against.
enum Against {
    /// A number.
    Itself,
    /// What somebody else did in the same row.
    Other(Contestant),
    /// What it did itself in the row of this case.
    Case(&'static str),
    /// What raw sockets did: so many times in this row, or so many times in the row of that case, where that is more.
    RawOrRaw(&'static str, f64),
    /// The best that libzmq did with any setting.
    BestOf(Library),
}

/// One target.
struct Target {
    work: &'static str,
    case: &'static str,
    who: Contestant,
    metric: &'static str,
    against: Against,
    bound: f64,
    better: Better,
}

/// Writes a table of all targets whose rows have been measured.
pub(super) fn write(out: &mut String, rows: &[Row]) -> fmt::Result {
    let judged: Vec<_> = all().into_iter().filter_map(|target| target.judge(rows)).collect();
    if judged.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Targets\n\n| work | | figure | held against | target | |\n|---|---|---:|---:|---:|---|"
    )?;
    judged.iter().try_for_each(|line| writeln!(out, "{line}"))
}

impl Target {
    fn judge(&self, rows: &[Row]) -> Option<String> {
        let row = self.row(rows, self.case)?;
        let figure = row.column(self.who)?.median(self.metric)?;
        let (value, shown) = match self.against {
            Against::Itself => (figure, String::new()),
            Against::Other(other) => shown(row.ratio(self.who, other, self.metric)?, &other.to_string()),
            Against::Case(case) => {
                let there = self.row(rows, case)?.column(self.who)?.median(self.metric)?;
                shown(figure / there, case)
            }
            Against::RawOrRaw(case, times) => {
                let here = row.column(Contestant::RAW)?.median(self.metric)?;
                let there = self.row(rows, case)?.column(Contestant::RAW)?.median(self.metric)?;
                shown(figure / here.max(there * times / self.bound), "raw")
            }
            Against::BestOf(library) => {
                let best = best(row, library, self.metric, self.better)?;
                shown(row.ratio(self.who, best, self.metric)?, &best.to_string())
            }
        };
        let (sign, verdict) = (if self.better == Better::More { ">=" } else { "<=" }, self.verdict(value));
        let (work, case, metric, who) = (self.work, self.case, self.metric, self.who);
        let (figure, bound) = (short(figure), self.bound);
        Some(format!(
            "| {work}, {case} | {who}, {metric} | {figure} | {shown} | {sign} {bound} | {verdict} |"
        ))
    }

    fn row<'a>(&self, rows: &'a [Row], case: &str) -> Option<&'a Row> {
        rows.iter().find(|row| row.work == self.work && row.case == case)
    }

    fn verdict(&self, value: f64) -> &'static str {
        let beyond = match self.better {
            Better::More => self.bound / value,
            Better::Less => value / self.bound,
        };
        match beyond {
            beyond if beyond <= 1.0 => "met",
            beyond if beyond <= 1.0 + NEAR => "within 10 %",
            _ => "**missed**",
        }
    }
}

fn shown(ratio: f64, whom: &str) -> (f64, String) {
    (ratio, format!("{ratio:.2} of {whom}"))
}

fn all() -> Vec<Target> {
    [round_trips(), streams(), inproc(), publishing(), connections(), fairness()]
        .into_iter()
        .flatten()
        .collect()
}

fn at_least(work: &'static str, case: &'static str, who: Contestant, against: Against, bound: f64) -> Target {
    Target { work, case, who, metric: "rate", against, bound, better: Better::More }
}

fn at_most(
    (work, case, metric): (&'static str, &'static str, &'static str),
    against: Against,
    bound: f64,
) -> Target {
    Target { work, case, who: Contestant::HUBLESS, metric, against, bound, better: Better::Less }
}

fn round_trips() -> Vec<Target> {
    let transports =
        [("tcp 64 B, one CPU", "tcp 64 B, two CPUs"), ("ipc 64 B, one CPU", "ipc 64 B, two CPUs")];
    let each = transports.into_iter().flat_map(|(one, two)| {
        [
            at_most(("req-rep", one, "p50"), Against::Other(Contestant::RAW), 1.25),
            at_most(("req-rep", one, "p50"), Against::Other(LIBZMQ), 0.4),
            at_most(("req-rep", two, "p50"), Against::RawOrRaw(one, 1.25), 0.2),
            at_most(("req-rep", two, "p50"), Against::Other(LIBZMQ), 0.2),
        ]
    });
    each.collect()
}

fn streams() -> Vec<Target> {
    // Size, batch or not, of raw, of libzmq over tcp and over ipc.
    let sizes = [
        ("64 B", Contestant::HUBLESS, 0.22, 3.0, 3.0),
        ("64 B", BATCH, 0.35, 5.0, 3.0),
        ("1 KiB", Contestant::HUBLESS, 0.55, 4.0, 2.0),
        ("4 KiB", Contestant::HUBLESS, 0.8, 2.0, 2.0),
        ("64 KiB", Contestant::HUBLESS, 0.8, 2.0, 2.0),
        ("1 MiB", Contestant::HUBLESS, 0.8, 2.0, 2.0),
    ];
    let of = |work, tcp: bool| {
        sizes.into_iter().flat_map(move |(size, who, raw, over_tcp, over_ipc)| {
            let libzmq = if tcp { over_tcp } else { over_ipc };
            [
                at_least(work, size, who, Against::Other(Contestant::RAW), raw),
                at_least(work, size, who, Against::Other(LIBZMQ), libzmq),
            ]
        })
    };
    let cpu = ("push-pull-tcp", "64 B", "cpu per million");
    let cpu = [at_most(cpu, Against::Itself, 0.12), at_most(cpu, Against::Other(LIBZMQ), 0.4)];
    of("push-pull-tcp", true).chain(of("push-pull-ipc", false)).chain(cpu).collect()
}

fn inproc() -> Vec<Target> {
    let (work, who) = ("push-pull-inproc", Contestant::HUBLESS);
    let trip = ("req-rep", "inproc 64 B, two CPUs", "p50");
    vec![
        at_least(work, "64 B", who, Against::Itself, 15e6),
        at_least(work, "64 B", who, Against::Other(LIBZMQ), 5.0),
        at_least(work, "64 B", who, Against::Other(OMQ), 3.0),
        at_least(work, "64 KiB", who, Against::Other(LIBZMQ), 5.0),
        at_least(work, "1 MiB", who, Against::Case("64 KiB"), 0.9),
        at_most(trip, Against::Itself, 3.0),
        at_most(trip, Against::Other(LIBZMQ), 0.05),
    ]
}

fn publishing() -> Vec<Target> {
    let waits = Contestant::new(Library::Hubless, Setting::NoDrop);
    let cases = ["8 SUB", "64 SUB", "512 SUB"].into_iter();
    let each = cases.flat_map(|case| [(case, Contestant::HUBLESS), (case, waits)]);
    let targets = each.flat_map(|(case, who)| {
        let cheap = at_most(("pub-sub", case, "publisher cpu per delivery"), Against::Itself, 25.0);
        let fast = at_least("pub-sub", case, who, Against::BestOf(Library::Libzmq), 3.0);
        [Target { who, ..cheap }, Target { metric: "deliveries", ..fast }]
    });
    targets.collect()
}

fn connections() -> Vec<Target> {
    let resident = ("idle", "10000 connections", "resident per connection");
    vec![
        at_most(("idle", "10000 connections", "allocated per connection"), Against::Itself, 2.0),
        at_most(resident, Against::Itself, 16.0),
        at_most(resident, Against::Other(LIBZMQ), 0.1),
        at_most(("idle", "10000 connections", "threads"), Against::Itself, 1.0),
        at_most(("connections", "9000 idle", "p50"), Against::Case("10 idle"), 1.3),
        at_most(("resume", "tcp", "p99"), Against::Itself, 1_000.0),
        at_most(("resume", "ipc", "p99"), Against::Itself, 1_000.0),
    ]
}

fn fairness() -> Vec<Target> {
    vec![
        at_most(("fairness", "slow thread beside a hot one", "shares"), Against::Itself, 10.0),
        at_most(("fairness", "timer of 2 ms beside a flood", "p99"), Against::Itself, 10_000.0),
    ]
}
