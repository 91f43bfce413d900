//! On what machine, by whom, and how it was measured.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::contestant::{Contestant, Library};
use crate::end::{Order, Role};
use crate::measure::{End, Plan};

/// How long a library may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);
const PINNED: &str = "throughput and publishing run unpinned; a round trip has an end on CPU 0 and the other on CPU 0 or 1 \
                      (over inproc a thread each, and the library's own threads anywhere)";

#[derive(Debug, Serialize)]
pub struct Facts {
    date: String,
    commit: String,
    processor: String,
    cpus: usize,
    kernel: String,
    memory: String,
    /// What else the machine did: processes that wanted a CPU, before and afterwards.
    load: [String; 2],
    pairs: usize,
    seconds_each: f64,
    pinned: &'static str,
    versions: BTreeMap<&'static str, String>,
}

impl Facts {
    pub fn new(plan: &Plan) -> Self {
        let built = plan.libraries.iter().filter(|library| library.is_built());
        Self {
            date: said("date", &["-u", "+%F"]),
            commit: said("git", &["describe", "--always", "--dirty"]),
            processor: field("/proc/cpuinfo", "model name"),
            cpus: thread::available_parallelism().map_or(0, usize::from),
            kernel: read("/proc/sys/kernel/osrelease"),
            memory: field("/proc/meminfo", "MemTotal"),
            load: [load(), String::new()],
            pairs: plan.pairs,
            seconds_each: plan.length.as_secs_f64(),
            pinned: PINNED,
            versions: built.map(|library| (library.name(), version(*library))).collect(),
        }
    }

    /// Everything has been measured.
    pub fn finish(&mut self) {
        self.load[1] = load();
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, commit {}: {} x {}, Linux {}.",
            self.date, self.commit, self.cpus, self.processor, self.kernel
        )?;
        writeln!(
            f,
            "Medians of {} interleaved runs of about {} s, of every third one for the peers beside libzmq; {}.",
            self.pairs, self.seconds_each, self.pinned
        )?;
        writeln!(f, "Load of the machine before and after: {}, {}.\n", self.load[0], self.load[1])?;
        let versions: Vec<_> =
            self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        writeln!(f, "Versions: {}.", versions.join(", "))
    }
}

fn version(library: Library) -> String {
    let order = Order { contestant: Contestant::plain(library), role: Role::Version, cpu: None };
    let line = End::start(&order).and_then(|mut end| end.line(Instant::now() + PATIENCE));
    line.unwrap_or_else(|trouble| trouble.to_string())
}

fn load() -> String {
    read("/proc/loadavg").split(' ').next().unwrap_or_default().into()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().into()
}

/// The first line of a file that begins so, without that.
fn field(path: &str, name: &str) -> String {
    let text = read(path);
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default().trim_start_matches([':', ' ', '\t']).trim().into()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".into())
}
