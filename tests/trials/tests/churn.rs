//! What comes and goes leaves nothing behind: no descriptor, no byte.

use std::path::Path;

use hubless_trials::Trial;
use hubless_trials::churn::{self, Plan};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const SHORT: Plan = Plan { warm_up: 2_000, cycles: 4_000, resident_kib: 1024 };
const LONG: Plan = Plan { warm_up: 4_000, cycles: 20_000, resident_kib: 1024 };

fn leaves_nothing_over(transport: &'static str, plan: Plan) {
    println!("{}", churn::hold(&Trial::new("churn"), plan, Path::new(ACTOR), transport));
}

#[test]
fn what_comes_and_goes_over_tcp_leaves_nothing_behind() {
    leaves_nothing_over("tcp", SHORT);
}

#[test]
fn what_comes_and_goes_over_ipc_leaves_nothing_behind() {
    leaves_nothing_over("ipc", SHORT);
}

#[test]
fn what_comes_and_goes_over_inproc_leaves_nothing_behind() {
    leaves_nothing_over("inproc", SHORT);
}

#[test]
#[ignore = "takes a minute"]
fn what_comes_and_goes_twenty_thousand_times_over_tcp_leaves_nothing_behind() {
    leaves_nothing_over("tcp", LONG);
}

#[test]
#[ignore = "takes a minute"]
fn what_comes_and_goes_twenty_thousand_times_over_ipc_leaves_nothing_behind() {
    leaves_nothing_over("ipc", LONG);
}

#[test]
#[ignore = "takes a minute"]
fn what_comes_and_goes_twenty_thousand_times_over_inproc_leaves_nothing_behind() {
    leaves_nothing_over("inproc", LONG);
}
