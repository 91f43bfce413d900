use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use super::{Conditions, Network};
use crate::Trial;
use crate::actors::NOT_PERMITTED;

/// Runs a test that needs networks of its own: for root at once; for everybody else the same test runs once more, in a process
/// that is root in a namespace of its own. Where the system permits neither, that is said on the error output, past
/// whatever else captures it, because a test that did not run must not look like one that passed.
pub fn where_permitted(actor: &Path, test: impl FnOnce()) {
    if !rustix::process::geteuid().is_root() {
        run_as_root_of_a_namespace(actor);
    } else if let Err(error) = Network::try_new(&Trial::from_seed("permission", 0), Conditions::good()) {
        not_run(&error.to_string());
    } else {
        test();
    }
}

/// Runs the test of this thread in another process.
fn run_as_root_of_a_namespace(actor: &Path) {
    let program = std::env::current_exe().expect("this program");
    let thread = thread::current();
    let test =
        thread.name().filter(|name| *name != "main").expect("each test has a thread: --test-threads=2");
    let outcome = Command::new(actor)
        .arg("namespace")
        .arg(program)
        .args(["--exact", test, "--include-ignored", "--nocapture"])
        .stdout(Stdio::null())
        .status()
        .expect("the program of the actors");
    if outcome.code() == Some(NOT_PERMITTED) {
        not_run("neither root nor namespaces of users are permitted");
    } else {
        assert!(outcome.success(), "{test}, in a namespace: {outcome}");
    }
}

fn not_run(reason: &str) {
    let thread = thread::current();
    let line = format!("NOT RUN: {}: no network of its own: {reason}\n", thread.name().unwrap_or("a test"));
    // Not by `eprintln!`, which is captured and shown only where a test fails.
    io::stderr().write_all(line.as_bytes()).expect("somebody who reads it");
}
