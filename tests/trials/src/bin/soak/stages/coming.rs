use hubless_trials::{Trial, churn, closings, exits};

use super::{Held, Stage, actor, all_of, beside};

pub(super) const STAGES: [Stage; 5] = [
    coming_and_going("coming and going over tcp", |trial| churned(trial, "tcp")),
    coming_and_going("coming and going over ipc", |trial| churned(trial, "ipc")),
    coming_and_going("coming and going over inproc", |trial| churned(trial, "inproc")),
    Stage {
        name: "sockets closed under those who call them",
        times: 10,
        aim: Some(1_000_000),
        judges: "closes",
        hold: closed,
    },
    Stage {
        name: "programs that end with sockets open",
        times: 10,
        aim: Some(6_000),
        judges: "ends",
        hold: ended,
    },
];

const fn coming_and_going(name: &'static str, hold: fn(&Trial) -> Held) -> Stage {
    Stage { name, times: 10, aim: Some(1_000_000), judges: "cycles", hold }
}

fn churned(trial: &Trial, transport: &'static str) -> Held {
    let plan = churn::Plan { warm_up: 4_000, cycles: 100_000, resident_kib: 2048 };
    Held::new(plan.cycles as u64, &churn::hold(trial, plan, &actor(), transport))
}

/// Mostly where it is quickest, because the races are those of the socket.
fn closed(trial: &Trial) -> Held {
    all_of([("tcp", 20_000), ("ipc", 20_000), ("inproc", 60_000)].map(|(transport, closes)| {
        Held::new(closes, &closings::hold(trial, closings::Plan { closes }, transport))
    }))
}

fn ended(trial: &Trial) -> Held {
    let (times, library) = (100, beside("libhubless_loaded.so", "hubless-loaded"));
    Held::new((times * exits::WAYS.len()) as u64, &exits::hold(trial, exits::Plan { times }, &library))
}
