//! Processes stand still and go on.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use hubless_trials::Trial;
use hubless_trials::stopped_peers::{self, Plan, Report};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const PLAN: Plan = Plan { stops: 3, time: Duration::from_secs(1), cpu_percent: 10 };

/// What this process uses of a processor is that of one trial.
static ALONE: Mutex<()> = Mutex::new(());

fn over_wires(stage: &'static str, hold: impl Fn(&Trial, &'static str) -> Report) {
    let _alone = ALONE.lock();
    for transport in ["tcp", "ipc"] {
        println!("{}", hold(&Trial::new(stage), transport));
    }
}

#[test]
fn a_worker_that_stands_still_holds_up_nobody_and_loses_nothing() {
    over_wires("stopped workers", |trial, transport| {
        stopped_peers::workers(trial, PLAN, Path::new(ACTOR), transport)
    });
}

#[test]
fn a_pair_that_stands_still_loses_nothing_and_its_peer_waits_without_spinning() {
    over_wires("stopped pairs", |trial, transport| {
        let plan = Plan { stops: 2, ..PLAN };
        stopped_peers::pairs(trial, plan, Path::new(ACTOR), transport)
    });
}
