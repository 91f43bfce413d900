//! Traffic of every pattern over connections that are cut into pieces, held back and broken off.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use hubless::Overflow;
use hubless_trials::connections::{self, Plan, Report};
use hubless_trials::{Cutting, Ending, Fault, Manner, Trial};

/// The transports over which there is something between two sockets.
const WIRES: [&str; 2] = ["tcp", "ipc"];
/// The longest message.
const LARGEST: usize = 200 * 1024;

/// Holds a stage over both, with so many messages.
fn over_wires(messages: u64, manner: &Manner, stage: impl Fn(&Trial, &Plan) -> Report) {
    for transport in WIRES {
        let trial = Trial::new("connections");
        println!("{}", stage(&trial, &Plan::new(transport, messages, LARGEST).through(manner.clone())));
    }
}

/// Everything at once, with a stall now and then.
fn mixed() -> Manner {
    Manner::new(Cutting::Mixed).stalling(20_000, Duration::from_millis(300))
}

#[test]
fn a_stream_of_work_arrives_however_it_is_held_back() {
    over_wires(1_000_000, &Manner::new(Cutting::Held), connections::work);
}

#[test]
fn a_stream_of_work_arrives_in_whatever_pieces() {
    let manner = Manner::new(Cutting::Odd).stalling(10_000, Duration::from_secs(1));
    over_wires(100_000, &manner, connections::work);
}

#[test]
fn work_arrives_a_byte_at_a_time() {
    for transport in WIRES {
        let plan = Plan::new(transport, 20_000, 200).through(Manner::new(Cutting::Bytes));
        println!("{}", connections::work(&Trial::new("connections"), &plan));
    }
}

#[test]
fn a_pair_loses_nothing_in_either_direction() {
    over_wires(20_000, &mixed(), connections::pairs);
}

#[test]
fn every_request_is_executed_once_and_gets_its_answer() {
    over_wires(10_000, &mixed(), connections::requests);
}

#[test]
fn what_a_subscriber_lacks_is_what_was_dropped() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Block] {
        over_wires(10_000, &mixed(), |trial, plan| connections::news(trial, plan, overflow));
    }
}

#[test]
fn what_the_others_lack_of_a_bus_is_what_it_dropped() {
    over_wires(5_000, &mixed(), connections::buses);
}

#[test]
fn a_survey_gets_its_own_answers_and_none_after_its_deadline() {
    over_wires(400, &Manner::new(Cutting::Mixed), connections::surveys);
}

/// Holds a stage over both, with connections that break off: so that it is known to the message what was in the hands of the
/// system, and by resets.
fn broken_off(
    after: RangeInclusive<u64>,
    messages: u64,
    largest: usize,
    stage: impl Fn(&Trial, &Plan) -> Report,
) {
    for (transport, ending) in
        WIRES.into_iter().flat_map(|wire| [(wire, Ending::Orderly), (wire, Ending::Reset)])
    {
        let manner = Manner::new(Cutting::Mixed).breaking_off(after.clone(), ending);
        let plan = Plan::new(transport, messages, largest).through(manner);
        let report = stage(&Trial::new("connections"), &plan);
        println!("{report}");
        assert!(report.cuts > 0, "nothing was broken off");
    }
}

#[test]
fn work_that_is_lost_with_its_connection_was_in_the_system_or_is_counted() {
    broken_off(0..=200_000, 50_000, LARGEST, connections::broken_work);
}

#[test]
fn what_a_pair_loses_with_its_connection_was_in_the_system_or_is_counted() {
    broken_off(0..=200_000, 50_000, LARGEST, connections::broken_pair);
}

#[test]
fn a_subscription_holds_and_brings_nothing_old_when_connections_break_off() {
    broken_off(0..=100_000, 20_000, LARGEST, connections::broken_news);
}

#[test]
fn what_a_bus_loses_with_its_connection_was_in_the_system_or_is_counted() {
    broken_off(0..=100_000, 20_000, LARGEST, connections::broken_bus);
}

#[test]
fn a_survey_gets_its_own_answers_though_connections_break_off() {
    broken_off(2_000..=50_000, 500, 4096, connections::broken_surveys);
}

#[test]
fn every_request_gets_its_answer_though_connections_break_off() {
    broken_off(20_000..=100_000, 5_000, 4096, connections::requests_that_move);
}

#[test]
fn streams_over_inproc_arrive_from_several_to_several() {
    println!("{}", connections::crowd(&Trial::new("connections"), &Plan::new("inproc", 350_000, LARGEST)));
}

#[test]
fn work_of_senders_that_come_and_go_arrives() {
    for transport in ["tcp", "ipc", "inproc"] {
        println!(
            "{}",
            connections::passers_by(&Trial::new("passers-by"), &Plan::new(transport, 20_000, 4096))
        );
    }
}

#[test]
fn every_pattern_is_whole_over_inproc() {
    let plan = Plan::new("inproc", 20_000, LARGEST);
    for stage in [connections::work, connections::pairs, connections::requests, connections::buses] {
        println!("{}", stage(&Trial::new("whole"), &plan));
    }
    for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Block] {
        println!("{}", connections::news(&Trial::new("news"), &plan, overflow));
    }
    println!("{}", connections::surveys(&Trial::new("surveys"), &Plan::new("inproc", 1_000, LARGEST)));
}

/// What is found when the message of this number fares like that.
fn found(fault: Fault, stage: impl Fn(&Trial, &Plan) -> Report) -> String {
    let manner = Manner::new(Cutting::Odd).faulty(100, fault);
    let plan = Plan::new("tcp", 1_000, LARGEST).through(manner).waiting(Duration::from_secs(2));
    let held = catch_unwind(AssertUnwindSafe(|| stage(&Trial::new("a fault that must be found"), &plan)));
    match held.expect_err("a fault must be found").downcast::<String>() {
        Ok(words) => *words,
        Err(other) => (*other.downcast::<&str>().expect("words")).to_owned(),
    }
}

#[test]
fn a_byte_that_is_another_is_found() {
    assert!(found(Fault::Flip, connections::work).contains("not what was sent"));
    assert!(found(Fault::Flip, connections::pairs).contains("not what was sent"));
    let news = |trial: &Trial, plan: &Plan| connections::news(trial, plan, Overflow::Block);
    assert!(found(Fault::Flip, news).contains("not what was sent"));
}

#[test]
fn a_message_that_comes_twice_is_found() {
    assert!(found(Fault::Repeat, connections::work).contains("came after number 100"));
    assert!(found(Fault::Repeat, connections::requests).contains("came after number 100"));
    assert!(found(Fault::Repeat, connections::buses).contains("came after number"));
}

#[test]
fn a_message_that_gets_lost_is_found() {
    assert!(found(Fault::Lose, connections::work).contains("a message was lost"));
    assert!(found(Fault::Lose, connections::pairs).contains("a message was lost"));
    assert!(found(Fault::Lose, connections::surveys).contains("an answer was lost"));
}

#[test]
fn a_loss_that_nobody_counted_is_found_where_connections_break_off() {
    for stage in [connections::broken_work, connections::broken_pair] {
        assert!(found(Fault::Lose, stage).contains("lost and not counted"));
    }
}

#[test]
fn a_gap_that_nobody_counted_is_found() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        let news = |trial: &Trial, plan: &Plan| connections::news(trial, plan, overflow);
        assert!(found(Fault::Lose, news).contains("more than was dropped"));
    }
    assert!(found(Fault::Lose, connections::buses).contains("more than was dropped"));
}
