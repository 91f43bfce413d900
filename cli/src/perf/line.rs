//! What a role prints.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use hubless::human::counted;
use serde::Serialize;

use super::check::Misfit;
use super::load::Load;
use super::section::Cpu;
use super::summary;
use crate::arguments::perf::{self, Running};
use crate::exit::Outcome;

/// The figures of one role, and one line of JSON. The order of the fields is that of the keys; what a role does not know is null.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) pattern: &'static str,
    pub(super) role: &'static str,
    pub(super) transport: String,
    pub(super) size: Option<usize>,
    pub(super) count: u64,
    pub(super) seconds: Option<f64>,
    pub(super) msgs_per_s: Option<f64>,
    pub(super) mb_per_s: Option<f64>,
    pub(super) p50_us: Option<f64>,
    pub(super) p90_us: Option<f64>,
    pub(super) p99_us: Option<f64>,
    pub(super) p999_us: Option<f64>,
    pub(super) mean_us: Option<f64>,
    pub(super) cpu_user_s: Option<f64>,
    pub(super) cpu_sys_s: Option<f64>,
    pub(super) dropped: Option<u64>,
    pub(super) bad: Option<u64>,
    pub(super) work_ns: Option<u64>,
    /// Told in words.
    #[serde(skip)]
    pub(super) misfit: Option<Misfit>,
}

impl Line {
    pub(super) fn new(pattern: &'static str, role: &'static str, transport: &str) -> Self {
        Self { pattern, role, transport: transport.to_owned(), ..Self::default() }
    }

    /// The number of messages of this load that were measured, and how long they took.
    pub(super) fn measured(mut self, load: &Load, count: u64, time: Option<Duration>) -> Self {
        self.size = Some(load.size);
        self.count = count;
        self.seconds = time.map(|time| rounded(time.as_secs_f64(), 9));
        let rate = time.filter(|time| !time.is_zero()).map(|time| float(count) / time.as_secs_f64());
        self.msgs_per_s = rate.map(|rate| rounded(rate, 1));
        self.mb_per_s = rate.map(|rate| rounded(rate * float(load.size as u64) / 1e6, 3));
        self
    }

    pub(super) fn cpu(mut self, cpu: Option<Cpu>) -> Self {
        self.cpu_user_s = cpu.map(|cpu| cpu.user.as_secs_f64());
        self.cpu_sys_s = cpu.map(|cpu| cpu.system.as_secs_f64());
        self
    }

    pub(super) fn dropped(mut self, dropped: u64) -> Self {
        self.dropped = Some(dropped);
        self
    }

    pub(super) fn bad(mut self, bad: u64) -> Self {
        self.bad = Some(bad);
        self
    }

    /// What was done before each message.
    pub(super) fn work(mut self, work: perf::Work) -> Self {
        self.work_ns = work.work;
        self
    }

    /// Among the bad messages was one of another size.
    pub(super) fn misfit(mut self, misfit: Option<Misfit>) -> Self {
        self.misfit = misfit;
        self
    }

    /// Prints it, for people on a terminal. How the program ends, unless something else has gone wrong: bad messages are a failure.
    pub(super) fn print(&self, running: Running) -> Result<Outcome, Outcome> {
        let mut text = if running.json || !io::stdout().is_terminal() {
            serde_json::to_vec(self).map_err(|error| Outcome::failed("cannot write JSON", error))?
        } else {
            summary::of(self).into_bytes()
        };
        text.push(b'\n');
        let mut stdout = io::stdout().lock();
        stdout.write_all(&text).and_then(|()| stdout.flush()).map_err(|error| Outcome::of_output(&error))?;
        Ok(match self.bad.unwrap_or_default() {
            0 => Outcome::Done,
            bad => Outcome::Failed(self.complaint(bad)),
        })
    }

    fn complaint(&self, bad: u64) -> String {
        let why = self.misfit.map(|misfit| format!("; {misfit}")).unwrap_or_default();
        format!("{} wrong or missing{why}", counted(bad, "message"))
    }
}

/// Exact up to 2^53, which no count here comes near.
#[expect(clippy::cast_precision_loss, reason = "a rate has fewer digits")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// As many digits behind the point as say something.
pub(super) fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}
