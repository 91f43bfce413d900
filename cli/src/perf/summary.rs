//! The figures of a role for people.

use std::fmt::Write;
use std::time::Duration;

use hubless::human::{count, counted, duration};

use super::line::Line;
use crate::figures::whole;

/// Some lines, without the last newline: what a role does not know is left out.
pub(super) fn of(line: &Line) -> String {
    let mut summary = title(line);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // A string takes everything.
            let _ = write!(summary, "\n  {name:<10} {value}");
        }
    };
    row("rate", rate(line));
    row("time", line.seconds.map(|seconds| duration(Duration::from_secs_f64(seconds)).to_string()));
    row("round trip", round_trip(line));
    row("CPU time", cpu(line));
    row(
        "work",
        line.work_ns.map(|work| format!("{} before each message", duration(Duration::from_nanos(work)))),
    );
    row("dropped", line.dropped.map(|dropped| count(dropped).to_string()));
    row("bad", line.bad.map(|bad| count(bad).to_string()));
    summary
}

fn title(line: &Line) -> String {
    let messages = counted(line.count, if line.pattern == "reqrep" { "round trip" } else { "message" });
    let size = line.size.map(|size| format!(" of {}", counted(size, "byte"))).unwrap_or_default();
    format!("{} over {}: {messages}{size}", line.role, line.transport)
}

fn rate(line: &Line) -> Option<String> {
    let (messages, megabytes) = (line.msgs_per_s?, line.mb_per_s?);
    Some(format!("{}/s, {megabytes:.1} MB/s", whole(messages)))
}

fn round_trip(line: &Line) -> Option<String> {
    let figures = [
        ("median", line.p50_us),
        ("90 %", line.p90_us),
        ("99 %", line.p99_us),
        ("99.9 %", line.p999_us),
        ("mean", line.mean_us),
    ];
    let known = figures.iter().filter_map(|(name, micros)| Some((name, micros.as_ref()?)));
    let known: Vec<_> = known.map(|(name, micros)| format!("{name} {micros:.1} µs")).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn cpu(line: &Line) -> Option<String> {
    let (user, system) = (line.cpu_user_s?, line.cpu_sys_s?);
    let share = line.seconds.filter(|seconds| *seconds > 0.0).map(|seconds| (user + system) / seconds * 1e2);
    let share = share.map(|share| format!(", {share:.0} % of one CPU")).unwrap_or_default();
    Some(format!("{user:.2} s user, {system:.2} s system{share}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_shown_with_grouped_digits() {
        let line = Line {
            size: Some(64),
            count: 5_000_000,
            seconds: Some(2.5),
            msgs_per_s: Some(2e6),
            mb_per_s: Some(128.0),
            cpu_user_s: Some(1.0),
            cpu_sys_s: Some(0.25),
            dropped: Some(1000),
            work_ns: Some(500),
            ..Line::new("pipeline", "push", "tcp")
        };
        let lines = [
            "push over tcp: 5,000,000 messages of 64 bytes",
            "  rate       2,000,000/s, 128.0 MB/s",
            "  time       2.5 s",
            "  CPU time   1.00 s user, 0.25 s system, 50 % of one CPU",
            "  work       500 ns before each message",
            "  dropped    1,000",
        ];
        assert_eq!(of(&line), lines.join("\n"));
    }

    #[test]
    fn a_round_trip_has_its_percentiles() {
        let line = Line {
            count: 1,
            p50_us: Some(12.34),
            p90_us: Some(20.0),
            p99_us: Some(30.0),
            p999_us: Some(45.678),
            mean_us: Some(13.0),
            bad: Some(0),
            ..Line::new("reqrep", "req", "ipc")
        };
        let trip = "  round trip median 12.3 µs, 90 % 20.0 µs, 99 % 30.0 µs, 99.9 % 45.7 µs, mean 13.0 µs";
        assert_eq!(of(&line), ["req over ipc: 1 round trip", trip, "  bad        0"].join("\n"));
    }
}
