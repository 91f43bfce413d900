//! What a process uses, as the system tells.

use std::fs;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// What a process uses, as the system tells.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// Open descriptors.
    pub descriptors: usize,
    /// Memory that is in use, in KiB.
    pub resident_kib: u64,
    /// Memory for data that was asked for, used or not, in KiB.
    pub data_kib: u64,
    /// Processor time up to now.
    pub cpu: Duration,
}

impl Gauge {
    /// Reads that of a process.
    pub fn of(process: u32) -> Self {
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).expect("a process").count();
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
        let (resident_kib, data_kib) = (kib(&status, "VmRSS:"), kib(&status, "VmData:"));
        Self { descriptors, resident_kib, data_kib, cpu: cpu(&stat) }
    }

    /// Reads that of this process; the descriptor with which it is read does not count.
    pub fn own() -> Self {
        let own = Self::of(std::process::id());
        Self { descriptors: own.descriptors - 1, ..own }
    }

    /// By how much it has grown.
    pub fn since(self, before: &Self) -> Self {
        Self {
            descriptors: self.descriptors.saturating_sub(before.descriptors),
            resident_kib: self.resident_kib.saturating_sub(before.resident_kib),
            data_kib: self.data_kib.saturating_sub(before.data_kib),
            cpu: self.cpu.saturating_sub(before.cpu),
        }
    }
}

fn kib(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim_end_matches("kB").trim().parse().unwrap_or(0)
}

/// The name of a process may hold blanks and brackets: what comes behind the last bracket is counted from there.
fn cpu(stat: &str) -> Duration {
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}

/// Descriptors that this process has open.
pub fn descriptors() -> usize {
    Gauge::own().descriptors
}

/// Processor time that this process has used, which can be told without a descriptor.
pub fn cpu_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().expect("a time")
}

/// Allows this process as many descriptors as it may have.
pub fn allow_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("the limit that may be had");
}

/// Allows this process so many descriptors; what it was allowed before.
pub fn limit_descriptors(most: impl Into<Option<u64>>) -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: most.into(), maximum }).expect("a limit");
    current
}
