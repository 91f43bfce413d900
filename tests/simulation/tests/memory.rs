//! A full context with somebody who receives always gets on, and its memory has a bound; and that this can fail.

use hubless_simulation::{MemoryFault, simulate_memory};

/// Runs, and those in which a mistake must be found.
const RUNS: u64 = 4_000;

fn is_found(fault: MemoryFault) {
    let found = (0..RUNS).any(|seed| simulate_memory(seed, fault).is_err());
    assert!(found, "{fault:?} harms nobody");
}

#[test]
fn a_full_context_with_somebody_who_receives_always_gets_on() {
    let seed = std::env::var("SIMULATION_SEED").ok().map(|seed| seed.parse().expect("a number"));
    for seed in seed.map_or(0..RUNS, |seed| seed..seed + 1) {
        if let Err(how) = simulate_memory(seed, MemoryFault::None) {
            panic!(
                "\n{how}\nto see it again: SIMULATION_SEED={seed} cargo test -p hubless-simulation gets_on"
            );
        }
    }
}

#[test]
fn a_forwarder_that_cannot_send_beyond_the_limit_is_found() {
    is_found(MemoryFault::NothingLeavesBeyond);
}

#[test]
fn a_message_that_cannot_arrive_beyond_the_limit_is_found() {
    is_found(MemoryFault::NothingArrivesBeyond);
}

#[test]
fn others_that_leave_nothing_for_a_small_message_are_found() {
    is_found(MemoryFault::LeavesNoReserve);
}

#[test]
fn a_message_that_arrives_beyond_the_limit_and_takes_from_the_others_is_found() {
    is_found(MemoryFault::CountsWhatArrivesBeyond);
}

#[test]
fn a_message_that_leaves_beyond_the_limit_and_takes_from_the_others_is_found() {
    is_found(MemoryFault::CountsWhatLeavesBeyond);
}

#[test]
fn a_message_that_came_back_and_takes_from_the_others_is_found() {
    is_found(MemoryFault::CountsWhatComesBack);
}

#[test]
fn a_place_beyond_the_limit_that_is_kept_for_ever_is_found() {
    is_found(MemoryFault::JudgesNobody);
}

#[test]
fn a_turn_of_which_nobody_hears_is_found() {
    is_found(MemoryFault::KeepsTurnsSecret);
}

#[test]
fn memory_of_which_nobody_hears_is_found() {
    is_found(MemoryFault::KeepsMemorySecret);
}
