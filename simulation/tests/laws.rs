//! Twenty-eight thousand runs, and more on demand.

use std::collections::BTreeSet;

use hubless_simulation::{Fault, Scenario, simulate};

/// Runs of each scenario. `SIMULATION_RUNS` says otherwise.
const RUNS: u64 = 4_000;

/// Simulates a scenario from as many seeds: from 0 on, or from `SIMULATION_SEED`, and from that one alone where nobody says how many.
/// In so many runs all these losses, endings and refusals occur, or they are too tame.
fn keeps_every_law(scenario: Scenario, occurrences: &[&str]) {
    let number =
        |name: &str| -> Option<u64> { std::env::var(name).ok().map(|text| text.parse().expect("a number")) };
    let first = number("SIMULATION_SEED");
    let runs = number("SIMULATION_RUNS").unwrap_or(if first.is_some() { 1 } else { RUNS });
    let first = first.unwrap_or(0);
    let mut occurred = BTreeSet::new();
    for seed in first..first.saturating_add(runs) {
        match simulate(scenario, seed, Fault::None) {
            Ok(run) => occurred.extend(run.seen),
            Err(failure) => panic!("\n{failure}"),
        }
    }
    let missing: Vec<&&str> = occurrences.iter().filter(|name| !occurred.contains(*name)).collect();
    assert!(missing.is_empty() || runs < RUNS, "{missing:?} never occurred");
}

#[test]
fn pipelines_keep_every_law() {
    keeps_every_law(Scenario::Pipelines, &[]);
}

#[test]
fn publishing_keeps_every_law() {
    let occurrences = ["filtered", "peer full", "pipe lost"];
    keeps_every_law(Scenario::Publishing, &occurrences);
}

#[test]
fn requests_keep_every_law() {
    let occurrences = [
        "ended by deadline",
        "ended by the loss of a peer",
        "ended complete",
        "peer full",
        "pipe lost",
        "requester gone",
        "stray",
    ];
    keeps_every_law(Scenario::Requests, &occurrences);
}

#[test]
fn surveys_keep_every_law() {
    let occurrences = [
        "ended by deadline",
        "ended by the loss of a peer",
        "ended complete",
        "inbox full",
        "peer full",
        "pipe lost",
        "requester gone",
        "stray",
    ];
    keeps_every_law(Scenario::Surveys, &occurrences);
}

#[test]
fn pairs_keep_every_law() {
    let occurrences = ["pipe lost", "refused"];
    keeps_every_law(Scenario::Pairs, &occurrences);
}

#[test]
fn buses_keep_every_law() {
    let occurrences = ["peer full", "pipe lost"];
    keeps_every_law(Scenario::Buses, &occurrences);
}

#[test]
fn rings_of_devices_keep_every_law() {
    let occurrences = [
        "ended by deadline",
        "ended by the loss of a peer",
        "ended complete",
        "peer full",
        "pipe lost",
        "refused",
        "requester gone",
        "stray",
        "too many hops",
    ];
    keeps_every_law(Scenario::Rings, &occurrences);
}
