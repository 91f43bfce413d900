//! Peers that mean harm do it for three seconds, and the listener holds its bounds and serves the honest ones. One attack at a
//! time, because time and memory are measured.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hubless_trials::Trial;
use hubless_trials::attacks::{Plan, attack, attacks, run_attack, run_attack_within};

static ALONE: Mutex<()> = Mutex::new(());

const TIME: Duration = Duration::from_secs(3);
/// So long the honest peer talks in peace before.
const PEACE: Duration = Duration::from_millis(500);

fn plan(name: &str, transport: &'static str) -> Plan {
    Plan { attack: attack(name), transport, time: TIME, peace: PEACE, lax: false }
}

fn actor() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_actor"))
}

/// The attack is held off, over each transport.
#[track_caller]
fn holds_off(name: &str) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let trial = Trial::new("hostile peers");
    for transport in attack(name).transports {
        match run_attack(actor(), &trial, &plan(name, transport)) {
            Ok(report) => println!("{report}"),
            Err(fallen) => panic!("{fallen}"),
        }
    }
}

#[test]
fn many_who_say_nothing() {
    holds_off("silence");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn many_who_greet_a_byte_at_a_time() {
    holds_off("dripping greetings");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn many_half_open_connections() {
    holds_off("half-open connections");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn as_many_who_say_nothing_as_may_connect() {
    holds_off("silence up to the limit");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn more_connections_than_are_allowed() {
    holds_off("more connections than allowed");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn more_connections_than_one_address_may_have() {
    holds_off("more connections than one address may have");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn connections_as_fast_as_can_be() {
    holds_off("connecting as fast as can be");
}

#[test]
fn those_who_speak_something_else() {
    holds_off("strangers");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn those_of_the_wrong_pattern() {
    holds_off("the wrong pattern");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn many_who_announce_the_largest_message() {
    holds_off("announcing the largest message");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn announcements_of_too_large_a_message() {
    holds_off("announcing too large a message");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn messages_that_drip() {
    holds_off("a message that drips");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn resets_in_the_middle_of_a_message() {
    holds_off("resets in the middle of a message");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn requests_over_too_many_hops() {
    holds_off("too many hops");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn headers_without_an_end() {
    holds_off("headers without an end");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn answers_to_nothing() {
    holds_off("answers to nothing");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn a_flood_of_empty_requests() {
    holds_off("empty requests");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn a_flood_of_empty_messages() {
    holds_off("empty messages");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn descriptors_that_are_passed_along() {
    holds_off("passing descriptors");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn subscribers_that_never_read() {
    holds_off("subscribers that never read");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn workers_that_never_read() {
    holds_off("workers that never read");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn requests_whose_answers_nobody_takes() {
    holds_off("requests without end and no answer taken");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn more_work_than_is_received() {
    holds_off("more than is received");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn messages_that_are_never_finished() {
    holds_off("messages that are never finished");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn peers_that_together_use_up_the_memory() {
    holds_off("all of the memory");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn work_that_is_left_behind() {
    holds_off("leaving work behind");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn more_work_than_is_received_within_a_process() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    match run_attack_within(actor(), TIME, PEACE) {
        Ok(report) => println!("{report}"),
        Err(fallen) => panic!("{fallen}"),
    }
}

/// Without its limits the listener does not hold, and that is seen.
#[track_caller]
fn falls_without_limits(name: &str, to: &str) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let trial = Trial::new("hostile peers, without limits");
    let lax = Plan { lax: true, time: Duration::from_secs(1), ..plan(name, "tcp") };
    let fallen = run_attack(actor(), &trial, &lax).expect_err("it holds without limits");
    assert_eq!(fallen.what, to, "{fallen}");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn without_a_deadline_silence_would_be_noticed() {
    falls_without_limits("silence", "what was done is not counted");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn without_a_limit_of_connections_a_crowd_would_be_noticed() {
    falls_without_limits("more connections than allowed", "connections");
}

#[test]
#[ignore = "takes some seconds, alone"]
fn without_a_limit_of_memory_a_flood_would_be_noticed() {
    falls_without_limits("all of the memory", "memory");
}

#[test]
fn every_attack_is_tried() {
    let source = include_str!("hostile_peers.rs");
    for attack in attacks() {
        assert!(source.contains(&format!("holds_off({:?});", attack.name)), "{}", attack.name);
    }
}
