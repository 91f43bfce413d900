//! What comes and goes leaves nothing behind: no descriptor, no byte.

use std::path::Path;

use hubless_trials::Trial;
use hubless_trials::churn::{self, Plan};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const PLAN: Plan = Plan { warm_up: 4_000, cycles: 20_000, resident_kib: 1024 };

fn leaves_nothing_over(transport: &'static str) {
    println!("{}", churn::hold(&Trial::new("churn"), PLAN, Path::new(ACTOR), transport));
}

#[test]
fn what_comes_and_goes_over_tcp_leaves_nothing_behind() {
    leaves_nothing_over("tcp");
}

#[test]
fn what_comes_and_goes_over_ipc_leaves_nothing_behind() {
    leaves_nothing_over("ipc");
}

#[test]
fn what_comes_and_goes_over_inproc_leaves_nothing_behind() {
    leaves_nothing_over("inproc");
}
