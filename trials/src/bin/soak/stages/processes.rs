use std::time::Duration;

use hubless_trials::{Trial, churn, crowd, descriptors, killed_peers, stopped_peers, storm};

use super::{Held, Stage, actor, all_of};

pub(super) const STAGES: [Stage; 6] = [
    Stage { name: "peers that are killed", every: 1, hold: killed },
    Stage { name: "peers that stand still", every: 2, hold: stopped },
    Stage { name: "no descriptors left", every: 3, hold: scarce },
    Stage { name: "coming and going", every: 3, hold: coming_and_going },
    Stage { name: "a storm of 5,000", every: 6, hold: storm_of_clients },
    Stage { name: "a crowd of 9,000", every: 6, hold: crowd_of_peers },
];

const WIRES: [&str; 2] = ["tcp", "ipc"];

impl From<killed_peers::Report> for Held {
    fn from(report: killed_peers::Report) -> Self {
        Self::new(report.received, report)
    }
}

fn killed(trial: &Trial) -> Held {
    let (actor, plan) = (actor(), killed_peers::Plan { kills: 50, messages: 300, length: 1000 });
    all_of(WIRES.map(|transport| {
        let reports = [
            killed_peers::receivers(trial, plan, &actor, transport),
            killed_peers::senders(trial, plan, &actor, transport),
            killed_peers::requests(trial, plan, &actor, transport, true),
            killed_peers::requests(trial, plan, &actor, transport, false),
            killed_peers::publishers(trial, plan, &actor, transport),
            killed_peers::surveys(trial, plan, &actor, transport),
            killed_peers::pairs(trial, plan, &actor, transport),
            killed_peers::buses(trial, plan, &actor, transport),
        ];
        all_of(reports.map(Held::from))
    }))
}

fn stopped(trial: &Trial) -> Held {
    let plan = stopped_peers::Plan { stops: 5, time: Duration::from_secs(5), cpu_percent: 10 };
    let actor = actor();
    all_of(WIRES.map(|transport| {
        let workers = stopped_peers::workers(trial, plan, &actor, transport);
        let pairs = stopped_peers::pairs(trial, plan, &actor, transport);
        Held::new(u64::from(plan.stops), workers).and(Held::new(u64::from(plan.stops), pairs))
    }))
}

fn scarce(trial: &Trial) -> Held {
    let plan = descriptors::Plan {
        most: 64,
        time: Duration::from_secs(5),
        cpu_percent: 5,
        recovery: Duration::from_secs(5),
    };
    all_of(WIRES.map(|transport| Held::new(plan.most, descriptors::hold(trial, plan, &actor(), transport))))
}

fn coming_and_going(trial: &Trial) -> Held {
    let plan = churn::Plan { warm_up: 4_000, cycles: 100_000, resident_kib: 2048 };
    let held = |transport| Held::new(plan.cycles as u64, churn::hold(trial, plan, &actor(), transport));
    all_of(["tcp", "ipc", "inproc"].map(held))
}

fn storm_of_clients(trial: &Trial) -> Held {
    let plan = storm::Plan {
        clients: 5_000,
        kills: 3,
        outage: Duration::from_secs(5),
        back: Duration::from_secs(35),
        most_percent: 10,
    };
    Held::new(plan.clients as u64, storm::hold(trial, plan, &actor()))
}

fn crowd_of_peers(trial: &Trial) -> Held {
    let plan = crowd::Plan { connections: 9_000, messages: 112, idle_kib: 16, close: Duration::from_secs(2) };
    Held::new((plan.connections * plan.messages) as u64, crowd::hold(trial, plan, &actor()))
}
