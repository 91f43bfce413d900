//! A program loads a library that uses hubless, and ends while its sockets are open, in whatever way programs end.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Trial;
use hubless_kit::holds_within;

/// How the program ends: it returns, calls `exit`, calls `_exit`; before it closes the sockets and unloads the library, unloads it
/// while they are open, or unloads it, loads it again and closes them.
pub const WAYS: [&str; 6] = ["return", "exit", "at once", "closed", "unloaded", "again"];

/// How often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Programs that end in each of the ways.
    pub times: usize,
}

/// What was done.
#[derive(Debug)]
pub struct Report {
    ends: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} programs ended with sockets open in a library they had loaded", self.ends)
    }
}

/// Has programs load this library and end.
pub fn hold(_trial: &Trial, plan: Plan, library: &Path) -> Report {
    let folder = TempDir::new().expect("a folder");
    let host = build(folder.path());
    let mut ends = 0;
    for _ in 0..plan.times {
        for how in WAYS {
            end(&host, library, how);
            ends += 1;
        }
    }
    Report { ends }
}

/// The program, which is written in C, because it is such programs that load libraries, and because loading one is nothing that
/// Rust calls safe.
fn build(folder: &Path) -> PathBuf {
    let host = folder.join("host");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("loaded/host/host.c");
    let status = Command::new("cc").arg(source).arg("-o").arg(&host).arg("-ldl").status();
    assert!(status.expect("a compiler of C, which links Rust as well").success(), "the host is not compiled");
    host
}

fn end(host: &Path, library: &Path, how: &str) {
    let mut process =
        Command::new(host).arg(library).arg(how).stdout(Stdio::null()).spawn().expect("the host");
    let ended = holds_within(hubless_kit::SOON, || process.try_wait().expect("a status").is_some());
    if !ended {
        process.kill().expect("a process of ours");
    }
    let status = process.wait().expect("a status");
    assert!(ended && status.success(), "way {how:?}: {status}, by itself: {ended}");
}
