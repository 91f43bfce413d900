//! A process that has run out of descriptors.

use std::path::Path;
use std::time::Duration;

use hubless_trials::Trial;
use hubless_trials::descriptors::{self, Plan};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const PLAN: Plan =
    Plan { most: 64, time: Duration::from_secs(2), cpu_percent: 5, recovery: Duration::from_secs(1) };

fn over(transport: &'static str) {
    println!("{}", descriptors::hold(&Trial::new("descriptors"), PLAN, Path::new(ACTOR), transport));
}

#[test]
fn messages_flow_while_each_step_over_tcp_finds_no_descriptor_and_it_recovers() {
    over("tcp");
}

#[test]
fn messages_flow_while_each_step_over_ipc_finds_no_descriptor_and_it_recovers() {
    over("ipc");
}
