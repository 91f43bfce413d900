//! A forwarder whose context has little memory, between peers of which some send slowly or take nothing. The rules are the
//! engine's own (`quota.rs`, `overcommit.rs`, `arriving.rs`, `counter.rs`); who asks when is rebuilt here. There is one thread:
//! what differs between runs is the order of what happens, which follows from a seed.

#[allow(dead_code, reason = "the engine's own files; their other uses are not here")]
mod rules;

mod arriving;
mod forwarder;
mod leaving;

use self::forwarder::{Fault, forward};
use crate::check::{mutants, setting};

/// From how many seeds, and in how many of them a mistake must be found.
const RUNS: u64 = 4_000;

/// Each run is one order, so there is nothing to try again.
fn check(model: impl FnOnce()) {
    model();
}

fn forwards(fault: Fault) {
    let first: u64 = setting("MODEL_SEED").unwrap_or(0);
    for seed in first..first.saturating_add(setting("MODEL_RUNS").unwrap_or(RUNS)) {
        if let Err(how) = forward(seed, fault) {
            let again = format!("MODEL_SEED={seed} MODEL_RUNS=1 cargo test -p hubless-models gets_on");
            panic!("\n{how}\nto see it again: {again}");
        }
    }
}

#[test]
fn a_full_context_with_somebody_who_receives_always_gets_on() {
    check(|| forwards(Fault::None));
}

mutants! {
    a_forwarder_that_cannot_send_beyond_the_limit_is_found:
        "do not get on" => forwards(Fault::NothingLeavesBeyond),
    a_message_that_cannot_arrive_beyond_the_limit_is_found:
        "do not get on" => forwards(Fault::NothingArrivesBeyond),
    others_that_leave_nothing_for_a_small_message_are_found:
        "leave a source nothing" => forwards(Fault::LeavesNoReserve),
    a_message_that_arrives_beyond_the_limit_and_takes_from_the_others_is_found:
        "takes from them" => forwards(Fault::CountsWhatArrivesBeyond),
    a_message_that_leaves_beyond_the_limit_and_takes_from_the_others_is_found:
        "takes from them" => forwards(Fault::CountsWhatLeavesBeyond),
    a_message_that_came_back_and_takes_from_the_others_is_found:
        "takes from them" => forwards(Fault::CountsWhatComesBack),
    a_place_beyond_the_limit_that_is_kept_for_ever_is_found: "do not get on" => forwards(Fault::JudgesNobody),
    a_turn_of_which_nobody_hears_is_found: "do not get on" => forwards(Fault::KeepsTurnsSecret),
    memory_of_which_nobody_hears_is_found: "do not get on" => forwards(Fault::KeepsMemorySecret),
}
