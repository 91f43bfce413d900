//! A process whose calls of the system fail.

use std::path::Path;

use hubless_trials::Trial;
use hubless_trials::failing_calls::{self, Plan};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

fn over(transport: &'static str, plan: Plan) {
    match failing_calls::hold(&Trial::new("failing calls"), plan, Path::new(ACTOR), transport) {
        Some(report) => println!("{report}"),
        None => println!("NOT RUN: this kernel holds no calls of a process for another (seccomp)"),
    }
}

const SHORT: Plan = Plan { once: 6, for_good: 1, seconds: 2 };
const LONG: Plan = Plan { once: 60, for_good: 4, seconds: 3 };

#[test]
fn whichever_call_of_the_system_fails_over_tcp_it_is_tried_again_or_told() {
    over("tcp", SHORT);
}

#[test]
fn whichever_call_of_the_system_fails_over_ipc_it_is_tried_again_or_told() {
    over("ipc", SHORT);
}

#[test]
#[ignore = "takes minutes"]
fn each_call_of_the_system_over_tcp_fails_once_and_from_some_on_all_fail() {
    over("tcp", LONG);
}

#[test]
#[ignore = "takes minutes"]
fn each_call_of_the_system_over_ipc_fails_once_and_from_some_on_all_fail() {
    over("ipc", LONG);
}
