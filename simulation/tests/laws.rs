//! Twenty-eight thousand runs, and more on demand.

use std::collections::BTreeSet;

use hubless_simulation::{Clock, Fault, Scenario, simulate, simulate_by};

/// Runs of each scenario. `SIMULATION_RUNS` says otherwise.
const RUNS: u64 = 4_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Simulates a scenario from as many seeds, or only from `SIMULATION_SEED`. In so many runs all these losses, endings and refusals
/// occur, or they are too tame.
fn keeps_every_law(scenario: Scenario, occurrences: &[&str]) {
    let (seed, runs) = (number("SIMULATION_SEED"), number("SIMULATION_RUNS").unwrap_or(RUNS));
    let mut occurred = BTreeSet::new();
    for seed in seed.map_or(0..runs, |seed| seed..seed + 1) {
        match simulate(scenario, seed, Fault::None) {
            Ok(run) => occurred.extend(run.seen),
            Err(failure) => panic!("\n{failure}"),
        }
    }
    let missing: Vec<&&str> = occurrences.iter().filter(|name| !occurred.contains(*name)).collect();
    assert!(missing.is_empty() || seed.is_some() || runs < RUNS, "{missing:?} never occurred");
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

#[test]
fn jumps_of_the_clock_and_its_end_break_no_law() {
    let (seed, runs) = (number("SIMULATION_SEED"), number("SIMULATION_RUNS").unwrap_or(RUNS / 4));
    for scenario in [
        Scenario::Pipelines,
        Scenario::Publishing,
        Scenario::Requests,
        Scenario::Surveys,
        Scenario::Pairs,
        Scenario::Buses,
        Scenario::Rings,
    ] {
        for seed in seed.map_or(0..runs, |seed| seed..seed + 1) {
            if let Err(failure) = simulate_by(Clock::Jumping, scenario, seed, Fault::None) {
                panic!("\n{failure}");
            }
        }
    }
}
