//! The program as it is started.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs, process};

/// A folder that is removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("versus-test-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn holds(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn versus(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_versus"));
    command.args(["run", "--quick"]).args(options);
    command
}

fn said(output: Output) -> String {
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("hung") && !said.contains("failed"), "{said}");
    said
}

#[test]
fn a_quick_run_compares_hubless_with_the_floor() {
    let mut command = versus(&["--only", "push-pull-tcp,req-rep", "--peers", "raw,hubless"]);
    let said = said(command.output().unwrap());
    for line in ["| raw |", "| hubless |", "| hubless, batch |", "*hubless / raw*", "## Targets", "16 MiB"] {
        assert!(said.contains(line), "no {line} in {said}");
    }
}

#[test]
fn sweeps_are_judged_step_by_step_and_drawn() {
    let plots = Folder::new("sweeps");
    let works = ["paced-sender-push", "bursts", "pipes-push"];
    let mut command = versus(&["--only", &works.join(","), "--peers", "raw,hubless"]);
    let said = said(command.arg("--plots").arg(&plots.0).output().unwrap());
    let (_, cliffs) = said.split_once("## Cliffs").expect(&said);
    for line in
        ["| paced-sender-push, rate | hubless |", "| bursts, p50 | raw |", "| pipes-push, deliveries | raw |"]
    {
        assert!(cliffs.contains(line), "no {line} in {said}");
    }
    for work in works {
        let plot = fs::read_to_string(plots.0.join(format!("{work}.svg"))).unwrap();
        assert!(plot.contains("hubless by the model"), "{work}");
    }
    assert!(!said.contains("wrong"), "{said}");
}

#[test]
fn each_kind_of_fairness_is_measured() {
    let said = said(versus(&["--only", "fairness"]).output().unwrap());
    let (_, shares) = said.split_once("## fairness, shares").expect(&said);
    assert!(shares.contains("| hubless | "), "{said}");
    assert_eq!(said.matches("round trip beside a flood").count(), 4, "a column of each table: {said}");
    assert!(said.contains("| fairness, timer of 2 ms beside a flood |"), "{said}");
}

#[test]
fn a_run_writes_where_it_is_told_and_nowhere_else() {
    let (here, temporary, told) = (Folder::new("here"), Folder::new("temporary"), Folder::new("told"));
    let run = |options: &[&str]| {
        let mut command = versus(&["--only", "req-rep", "--peers", "raw"]);
        command
            .args(options)
            .current_dir(&here.0)
            .env("TMPDIR", &temporary.0)
            .env_remove("CARGO_MANIFEST_DIR");
        said(command.output().unwrap())
    };
    run(&[]);
    let path = |name: &str| told.0.join(name).to_str().unwrap().to_owned();
    run(&["--json", &path("samples.json"), "--plots", &path("plots")]);
    assert_eq!((here.holds(), temporary.holds()), (Vec::new(), Vec::new()));
    assert!(told.0.join("samples.json").is_file() && told.0.join("plots/req-rep.svg").is_file());
    assert_eq!(told.holds().len(), 2);
}

#[test]
fn the_script_says_everything_that_is_missing_before_it_builds() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("run");
    let without = |features: &str| {
        let mut command = Command::new(script.as_os_str());
        let no = "/nowhere/to/be/found";
        command.env("FEATURES", features).env("CXX", no).env("CMAKE", no).output().unwrap()
    };
    let output = without("libzmq,nng");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("g++, for libzmq") && said.contains("cmake, for nng"), "{said}");
    assert!(!said.contains("nanomsg-dev"), "what is left out is not needed: {said}");
    assert!(output.stdout.is_empty());
}
