//! Each law is seen to be broken where the surroundings make a mistake.

use hubless_simulation::{Clock, Fault, Law, Scenario, simulate, simulate_by};

/// Runs in which a mistake must be found.
const RUNS: u64 = 1_000;

fn is_found(scenario: Scenario, fault: Fault, law: Law) {
    let found =
        (0..RUNS).filter_map(|seed| simulate(scenario, seed, fault).err()).any(|failure| failure.law == law);
    assert!(found, "{fault:?} does not break {law:?} in {scenario:?}");
}

/// Each mistake, in which scenario it is made, and the law that it breaks.
macro_rules! mutants {
    ($($name:ident: $(($scenario:ident, $fault:ident, $law:ident)),+,)+) => {$(
        #[test]
        fn $name() {
            $(is_found(Scenario::$scenario, Fault::$fault, Law::$law);)+
        }
    )+};
}

mutants! {
    a_changed_byte_is_found: (Pipelines, Corrupts, Intact),
    a_message_that_comes_by_the_wrong_pipe_is_found: (Pipelines, Misdirects, Address),
    messages_out_of_order_are_found: (Pipelines, Overtakes, Order), (Publishing, Overtakes, Order),
    a_message_that_comes_twice_is_found: (Publishing, Repeats, Order), (Pipelines, Repeats, Order),
    a_message_that_is_lost_in_a_whole_pipe_is_found:
        (Pipelines, Loses, Accounts), (Publishing, Loses, Accounts), (Surveys, Loses, Accounts),
        (Pairs, Loses, Accounts), (Buses, Loses, Accounts),
    messages_that_a_dead_pipe_keeps_are_found:
        (Pipelines, GivesNothingBack, Accounts), (Pairs, GivesNothingBack, Accounts),
    a_message_that_goes_to_two_sockets_is_found: (Pipelines, GivesTooMuchBack, Once),
    a_job_that_is_given_up_for_the_cuts_of_others_is_found:
        (Pipelines, MixesCutsUp, GivenUp), (Requests, MixesCutsUp, GivenUp),
    memory_of_what_came_back_that_is_not_counted_or_never_free_again_is_found:
        (Pipelines, LosesMemory, Memory), (Pipelines, HoardsMemory, Memory),
    an_answer_that_others_have_taken_the_place_of_is_found: (Surveys, SharesNothing, Shares),
    drops_that_are_not_counted_are_found:
        (Publishing, CountsNothing, Accounts), (Buses, CountsNothing, Accounts),
    a_second_answer_to_a_request_is_found: (Requests, AnswersTwice, OneAnswer),
    an_answer_that_comes_twice_is_found: (Surveys, AnswersTwice, Once),
    an_answer_to_something_else_is_found:
        (Requests, MixesAnswersUp, RightAnswer), (Surveys, MixesAnswersUp, RightAnswer),
    an_answer_after_the_deadline_is_found: (Requests, LateTimers, Deadline), (Surveys, LateTimers, Deadline),
    what_never_ends_is_found: (Requests, NoTimers, Ends), (Surveys, NoTimers, Ends),
    a_peer_that_is_missed_by_nobody_is_found: (Pairs, NoGoodbyes, OnePeer),
    a_request_that_is_left_to_a_dead_peer_is_found: (Requests, NoGoodbyes, Again),
    a_peer_that_has_gone_and_is_taken_for_full_is_found:
        (Requests, NoGoodbyes, Reason), (Buses, NoGoodbyes, Reason),
    a_survey_that_waits_for_whoever_has_left_is_found: (Surveys, NoGoodbyes, EarlyEnd),
    a_sender_that_loses_what_it_could_have_waited_with_is_found: (Publishing, PromisesRoom, Patience),
    a_sender_that_is_not_told_of_room_is_found:
        (Pipelines, NoWordOfRoom, Room), (Publishing, NoWordOfRoom, Room),
    an_echo_is_found: (Buses, Reflects, NoEcho),
    a_message_that_matches_nothing_is_found: (Publishing, KeepsSubscriptions, Matching),
    a_message_that_is_accepted_and_not_delivered_is_found: (Pipelines, Swallows, Verdict),
    a_ring_of_devices_that_does_not_count_hops_is_found:
        (Rings, ForgetsHops, Hops), (Rings, ForgetsHops, Quiet),
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
fn a_failure_is_the_same_each_time_and_says_how_to_see_it_again() {
    let failures = || (0..RUNS).filter_map(|seed| simulate(Scenario::Requests, seed, Fault::NoTimers).err());
    let [first, second] = [(); 2].map(|()| failures().next().expect("it is found"));
    let again = format!("SIMULATION_SEED={} cargo test -p hubless-simulation requests", first.seed);
    assert_eq!(first.to_string(), second.to_string());
    assert!(first.to_string().ends_with(&again), "{first}");
}
