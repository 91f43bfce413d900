//! Each law is seen to be broken where the surroundings make a mistake.

use hubless_simulation::{Clock, Fault, Law, Scenario, simulate, simulate_by};

/// Runs in which a mistake must be found.
const RUNS: u64 = 1_000;

fn is_found(scenario: Scenario, fault: Fault, law: Law) {
    let found =
        (0..RUNS).filter_map(|seed| simulate(scenario, seed, fault).err()).any(|failure| failure.law == law);
    assert!(found, "{fault:?} does not break {law:?} in {scenario:?}");
}

#[test]
fn a_changed_octet_is_found() {
    is_found(Scenario::Pipelines, Fault::Corrupts, Law::Intact);
}

#[test]
fn a_message_that_comes_by_the_wrong_pipe_is_found() {
    is_found(Scenario::Pipelines, Fault::Misdirects, Law::Address);
}

#[test]
fn messages_out_of_order_are_found() {
    is_found(Scenario::Pipelines, Fault::Overtakes, Law::Order);
    is_found(Scenario::Publishing, Fault::Overtakes, Law::Order);
}

#[test]
fn a_message_that_comes_twice_is_found() {
    is_found(Scenario::Publishing, Fault::Repeats, Law::Order);
    is_found(Scenario::Pipelines, Fault::Repeats, Law::Order);
}

#[test]
fn a_message_that_is_lost_in_a_whole_pipe_is_found() {
    for scenario in
        [Scenario::Pipelines, Scenario::Publishing, Scenario::Surveys, Scenario::Pairs, Scenario::Buses]
    {
        is_found(scenario, Fault::Loses, Law::Accounts);
    }
}

#[test]
fn messages_that_a_dead_pipe_keeps_are_found() {
    is_found(Scenario::Pipelines, Fault::GivesNothingBack, Law::Accounts);
    is_found(Scenario::Pairs, Fault::GivesNothingBack, Law::Accounts);
}

#[test]
fn a_message_that_goes_to_two_sockets_is_found() {
    is_found(Scenario::Pipelines, Fault::GivesTooMuchBack, Law::Once);
}

#[test]
fn a_job_that_is_given_up_for_the_cuts_of_others_is_found() {
    is_found(Scenario::Pipelines, Fault::MixesCutsUp, Law::GivenUp);
    is_found(Scenario::Requests, Fault::MixesCutsUp, Law::GivenUp);
}

#[test]
fn memory_of_what_came_back_that_is_not_counted_or_never_free_again_is_found() {
    is_found(Scenario::Pipelines, Fault::LosesMemory, Law::Memory);
    is_found(Scenario::Pipelines, Fault::HoardsMemory, Law::Memory);
}

#[test]
fn an_answer_that_others_have_taken_the_place_of_is_found() {
    is_found(Scenario::Surveys, Fault::SharesNothing, Law::Shares);
}

#[test]
fn drops_that_are_not_counted_are_found() {
    is_found(Scenario::Publishing, Fault::CountsNothing, Law::Accounts);
    is_found(Scenario::Buses, Fault::CountsNothing, Law::Accounts);
}

#[test]
fn a_second_answer_to_a_request_is_found() {
    is_found(Scenario::Requests, Fault::AnswersTwice, Law::OneAnswer);
}

#[test]
fn an_answer_that_comes_twice_is_found() {
    is_found(Scenario::Surveys, Fault::AnswersTwice, Law::Once);
}

#[test]
fn an_answer_to_something_else_is_found() {
    is_found(Scenario::Requests, Fault::MixesAnswersUp, Law::RightAnswer);
    is_found(Scenario::Surveys, Fault::MixesAnswersUp, Law::RightAnswer);
}

#[test]
fn an_answer_after_the_deadline_is_found() {
    is_found(Scenario::Requests, Fault::LateTimers, Law::Deadline);
    is_found(Scenario::Surveys, Fault::LateTimers, Law::Deadline);
}

#[test]
fn timers_that_a_clock_that_jumps_leaves_behind_are_found() {
    for (scenario, fault, law) in [
        (Scenario::Requests, Fault::LateTimers, Law::Deadline),
        (Scenario::Surveys, Fault::LateTimers, Law::Deadline),
        (Scenario::Requests, Fault::NoTimers, Law::Ends),
        (Scenario::Surveys, Fault::NoTimers, Law::Ends),
    ] {
        let run = |seed| simulate_by(Clock::Jumping, scenario, seed, fault).err();
        let found = (0..RUNS).filter_map(run).any(|failure| failure.law == law);
        assert!(found, "{fault:?} does not break {law:?} in {scenario:?} when the clock jumps");
    }
}

#[test]
fn what_never_ends_is_found() {
    is_found(Scenario::Requests, Fault::NoTimers, Law::Ends);
    is_found(Scenario::Surveys, Fault::NoTimers, Law::Ends);
}

#[test]
fn a_peer_that_is_missed_by_nobody_is_found() {
    is_found(Scenario::Pairs, Fault::NoGoodbyes, Law::OnePeer);
}

#[test]
fn a_request_that_is_left_to_a_dead_peer_is_found() {
    is_found(Scenario::Requests, Fault::NoGoodbyes, Law::Again);
}

#[test]
fn a_peer_that_has_gone_and_is_taken_for_full_is_found() {
    is_found(Scenario::Requests, Fault::NoGoodbyes, Law::Reason);
    is_found(Scenario::Buses, Fault::NoGoodbyes, Law::Reason);
}

#[test]
fn a_survey_that_waits_for_whoever_has_left_is_found() {
    is_found(Scenario::Surveys, Fault::NoGoodbyes, Law::EarlyEnd);
}

#[test]
fn a_sender_that_loses_what_it_could_have_waited_with_is_found() {
    is_found(Scenario::Publishing, Fault::PromisesRoom, Law::Patience);
}

#[test]
fn a_sender_that_is_not_told_of_room_is_found() {
    is_found(Scenario::Pipelines, Fault::NoWordOfRoom, Law::Room);
    is_found(Scenario::Publishing, Fault::NoWordOfRoom, Law::Room);
}

#[test]
fn an_echo_is_found() {
    is_found(Scenario::Buses, Fault::Reflects, Law::NoEcho);
}

#[test]
fn a_message_that_matches_nothing_is_found() {
    is_found(Scenario::Publishing, Fault::KeepsSubscriptions, Law::Matching);
}

#[test]
fn a_message_that_is_accepted_and_not_delivered_is_found() {
    is_found(Scenario::Pipelines, Fault::Swallows, Law::Verdict);
}

#[test]
fn a_ring_of_devices_that_does_not_count_hops_is_found() {
    is_found(Scenario::Rings, Fault::ForgetsHops, Law::Hops);
    is_found(Scenario::Rings, Fault::ForgetsHops, Law::Quiet);
}

#[test]
fn a_failure_is_the_same_each_time_and_says_how_to_see_it_again() {
    let failures = || (0..RUNS).filter_map(|seed| simulate(Scenario::Requests, seed, Fault::NoTimers).err());
    let [first, second] = [(); 2].map(|()| failures().next().expect("it is found"));
    let again = format!("SIMULATION_SEED={} cargo test -p hubless-simulation requests", first.seed);
    assert_eq!(first.to_string(), second.to_string());
    assert!(first.to_string().ends_with(&again), "{first}");
}
