//! Processes are killed by the system's hardest signal, and those that talked with them go on.

use std::path::Path;

use hubless_trials::Trial;
use hubless_trials::killed_peers::{self, Plan, Report};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const PLAN: Plan = Plan { kills: 50, messages: 100, length: 1000 };

fn over_wires(stage: &'static str, hold: impl Fn(&Trial, &'static str) -> Report) {
    for transport in ["tcp", "ipc"] {
        println!("{}", hold(&Trial::new(stage), transport));
    }
}

#[test]
fn what_a_killed_pull_had_not_been_sent_goes_to_the_next_and_nothing_comes_twice() {
    over_wires("killed receivers", |trial, transport| {
        killed_peers::receivers(trial, PLAN, Path::new(ACTOR), transport)
    });
}

#[test]
fn what_is_lost_with_a_pull_that_stood_still_is_what_had_left_and_no_more() {
    over_wires("killed receivers that stood still", |trial, transport| {
        let plan = Plan { kills: 10, ..PLAN };
        killed_peers::stalled_receivers(trial, plan, Path::new(ACTOR), transport)
    });
}

#[test]
fn of_a_killed_push_the_beginning_arrives_without_a_gap() {
    over_wires("killed senders", |trial, transport| {
        killed_peers::senders(trial, PLAN, Path::new(ACTOR), transport)
    });
}

#[test]
fn a_request_has_one_answer_though_its_server_is_killed() {
    over_wires("killed servers", |trial, transport| {
        killed_peers::requests(trial, PLAN, Path::new(ACTOR), transport, true)
    });
}

#[test]
fn a_request_that_is_not_resent_fails_by_the_loss_of_its_killed_server_or_has_one_answer() {
    over_wires("killed servers, without resending", |trial, transport| {
        killed_peers::requests(trial, PLAN, Path::new(ACTOR), transport, false)
    });
}

#[test]
fn a_subscriber_of_a_killed_publisher_subscribes_to_the_next_and_gets_nothing_old() {
    over_wires("killed publishers", |trial, transport| {
        killed_peers::publishers(trial, PLAN, Path::new(ACTOR), transport)
    });
}

#[test]
fn a_survey_ends_when_those_who_were_asked_are_killed() {
    over_wires("killed respondents", |trial, transport| {
        killed_peers::surveys(trial, PLAN, Path::new(ACTOR), transport)
    });
}

#[test]
fn a_pair_goes_on_with_the_next_when_its_peer_is_killed() {
    over_wires("killed pairs", |trial, transport| {
        killed_peers::pairs(trial, PLAN, Path::new(ACTOR), transport)
    });
}

#[test]
fn a_bus_goes_on_when_another_is_killed() {
    over_wires("killed buses", |trial, transport| {
        killed_peers::buses(trial, PLAN, Path::new(ACTOR), transport)
    });
}
