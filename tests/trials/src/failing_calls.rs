//! Calls of the system fail: each in turn once, and from each on for good. Messages go through in the end, or the call that cannot do
//! its work says so; nothing hangs, panics, spins or is left behind.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use tempfile::TempDir;

use crate::Trial;
use hubless_kit::Child;
use hubless_kit::child::told_in;

/// What the program asks for where the calls that count begin and end; see `failing/failing.c`.
pub(crate) const BEGIN: i32 = 0x6a5a_5a51;
pub(crate) const END: i32 = 0x6a5a_5a52;

/// How the program that holds the calls ends where the kernel does not let it.
const NOT_TO_BE_HAD: i32 = 99;

/// The calls, by the name that `failing/failing.c` has for them, and what they fail with.
pub const CALLS: [(&str, Errno); 29] = [
    ("epoll_create", Errno::MFILE),
    ("epoll_add", Errno::NOSPC),
    ("epoll_mod", Errno::NOMEM),
    ("epoll_del", Errno::NOMEM),
    ("epoll_wait", Errno::NOMEM),
    ("eventfd", Errno::MFILE),
    ("wake", Errno::NOMEM),
    ("dup", Errno::MFILE),
    ("socket", Errno::NOBUFS),
    ("bind", Errno::NOMEM),
    ("listen", Errno::NOMEM),
    ("accept", Errno::MFILE),
    ("connect", Errno::NETUNREACH),
    ("setsockopt", Errno::NOBUFS),
    ("getsockopt", Errno::NOBUFS),
    ("getpeername", Errno::NOBUFS),
    ("getsockname", Errno::NOBUFS),
    ("ioctl", Errno::NOMEM),
    ("shutdown", Errno::NOBUFS),
    ("read", Errno::NOBUFS),
    ("send", Errno::NOBUFS),
    ("sendmsg", Errno::NOBUFS),
    ("thread", Errno::AGAIN),
    ("sigmask", Errno::PERM),
    ("flock", Errno::NOLCK),
    ("open", Errno::NFILE),
    ("stat", Errno::NOMEM),
    ("chmod", Errno::IO),
    ("unlink", Errno::IO),
];

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Of the calls of each kind that an exchange takes, so many are made to fail once, spread over all.
    pub once: usize,
    /// And from so many on all fail.
    pub for_good: usize,
    /// Where all fail, the exchange may take so many seconds.
    pub seconds: u64,
}

/// What was done.
#[derive(Debug)]
pub struct Report {
    transport: &'static str,
    calls: usize,
    once: usize,
    for_good: usize,
    errors: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, calls, once, for_good, errors } = self;
        write!(f, "over {transport}: of {calls} calls {once} failed once, from {for_good} on all did, ")?;
        write!(f, "{errors} times an error was the answer")
    }
}

/// Lines of log that one exchange may write, whatever fails.
const LINES: usize = 100;
/// Calls of one kind that an exchange may make while they fail: each is slow, and one that spins makes hundreds of thousands.
const MOST_CALLS: usize = 20_000;
/// An exchange that takes so long hangs.
const HANGS: Duration = Duration::from_secs(150);

/// Has every call fail. Nothing where the kernel does not let one be held.
pub fn hold(_trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Option<Report> {
    let folder = TempDir::new().expect("a folder");
    let launcher = build(folder.path());
    let mut report = Report { transport, calls: 0, once: 0, for_good: 0, errors: 0 };
    let only = std::env::var("TRIAL_CALL").ok();
    for (call, error) in CALLS.iter().filter(|(call, _)| only.as_deref().is_none_or(|only| only == *call)) {
        let run = |from: usize, to: usize, seconds: u64| {
            let run = Run { launcher: &launcher, actor, transport, call, error: *error, from, to, seconds };
            run.hold()
        };
        let all = run(0, 0, 60)?.calls;
        report.calls += all;
        for number in spread(all, plan.once) {
            let outcome = run(number, number, 60)?;
            report.once += 1;
            report.errors += usize::from(outcome.answer != "ok");
            let told = ["ok", "error: the system refused", "error: cannot listen"];
            let fair = told.iter().any(|told| outcome.answer.starts_with(told));
            assert!(fair, "call {number} of {call} over {transport} fails once: {}", outcome.answer);
        }
        for number in spread(all, plan.for_good) {
            let outcome = run(number, usize::MAX >> 1, plan.seconds)?;
            report.for_good += 1;
            report.errors += usize::from(outcome.answer != "ok");
        }
    }
    Some(report)
}

/// At most `most` numbers from 1 to `all`, the first among them.
fn spread(all: usize, most: usize) -> impl Iterator<Item = usize> {
    let step = all.div_ceil(most.max(1)).max(1);
    (1..=all).step_by(step)
}

fn build(folder: &Path) -> PathBuf {
    let launcher = folder.join("failing");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("failing/failing.c");
    let status = Command::new("cc").arg(source).arg("-o").arg(&launcher).status();
    assert!(status.expect("a compiler of C, which links Rust as well").success(), "it is not compiled");
    launcher
}

/// One process.
struct Run<'a> {
    launcher: &'a Path,
    actor: &'a Path,
    transport: &'static str,
    call: &'a str,
    error: Errno,
    from: usize,
    to: usize,
    seconds: u64,
}

/// What became of it.
struct Outcome {
    calls: usize,
    /// What the exchange came to.
    answer: String,
}

impl Run<'_> {
    fn hold(&self) -> Option<Outcome> {
        let Self { call, transport, from, to, .. } = self;
        let what = format!("{call} over {transport} fails from {from} to {to}");
        let mut command = Command::new(self.launcher);
        command
            .args([call, from.to_string().as_str(), &to.to_string(), &self.error.raw_os_error().to_string()])
            .arg(self.actor)
            .args(["failing", transport, &self.seconds.to_string()])
            .stderr(Stdio::piped());
        let process = Child::spawn(command).expect("a process");
        let (status, output, errors) = process.finish_within(HANGS);
        if status.code() == Some(NOT_TO_BE_HAD) {
            return None;
        }
        assert!(status.success(), "{what}: {status}\n{errors}");
        let calls = errors.lines().rev().find_map(|line| line.strip_prefix("calls: ")).expect("a count");
        let calls = calls.parse().expect("a number");
        let told = told_in(&output);
        let answer = told.first().expect("what it came to").clone();
        let log: usize = told.get(1).and_then(|line| line.parse().ok()).expect("a number of lines");
        assert!(log <= LINES, "{what}: {log} lines of log\n{errors}");
        assert!(calls <= MOST_CALLS, "{what}: it spins, with {calls} calls\n{errors}");
        Some(Outcome { calls, answer })
    }
}
