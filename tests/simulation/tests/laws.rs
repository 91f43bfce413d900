//! Thirty-five thousand runs, no two from the same seed, and more on demand.

use std::collections::BTreeSet;
use std::ops::Range;

use hubless_simulation::{Clock, Fault, Scenario, simulate, simulate_by};

/// Runs of each scenario.
const RUNS: u64 = 4_000;

const SCENARIOS: [Scenario; 7] = [
    Scenario::Pipelines,
    Scenario::Publishing,
    Scenario::Requests,
    Scenario::Surveys,
    Scenario::Pairs,
    Scenario::Buses,
    Scenario::Rings,
];

/// The seeds: `runs` of them, and others for each `nth`; or from `SIMULATION_SEED` on, and that one alone where `SIMULATION_RUNS` does not
/// say how many.
fn seeds(runs: u64, nth: u64) -> Range<u64> {
    let number =
        |name: &str| -> Option<u64> { std::env::var(name).ok().map(|text| text.parse().expect("a number")) };
    let first = number("SIMULATION_SEED");
    let runs = number("SIMULATION_RUNS").unwrap_or(if first.is_some() { 1 } else { runs });
    let first = first.unwrap_or_else(|| runs.saturating_mul(nth));
    first..first.saturating_add(runs)
}

/// Simulates a scenario from all seeds. If they are enough, all these losses, endings and refusals occur, or they are too tame.
fn keeps_every_law(scenario: Scenario, occurrences: &[&str]) {
    let seeds = seeds(RUNS, scenario as u64);
    let enough = seeds.end - seeds.start >= RUNS;
    let mut occurred = BTreeSet::new();
    for seed in seeds {
        match simulate(scenario, seed, Fault::None) {
            Ok(run) => occurred.extend(run.seen),
            Err(failure) => panic!("\n{failure}"),
        }
    }
    let missing: Vec<&&str> = occurrences.iter().filter(|name| !occurred.contains(*name)).collect();
    assert!(missing.is_empty() || !enough, "{missing:?} never occurred");
}

#[test]
fn pipelines_keep_every_law() {
    keeps_every_law(Scenario::Pipelines, &["given up"]);
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
    for scenario in SCENARIOS {
        // Behind those of the other tests, of which each has four times as many.
        for seed in seeds(RUNS / 4, 4 * SCENARIOS.len() as u64 + scenario as u64) {
            if let Err(failure) = simulate_by(Clock::Jumping, scenario, seed, Fault::None) {
                panic!("\n{failure}");
            }
        }
    }
}
