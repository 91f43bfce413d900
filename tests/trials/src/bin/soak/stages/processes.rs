use std::time::Duration;

use hubless_trials::{Trial, crowd, descriptors, killed_peers, reconnect_storm, stopped_peers};

use super::{Held, Stage, actor, all_of};

pub(super) const STAGES: [Stage; 5] = [
    Stage { name: "a storm of 5,000", times: 5, aim: Some(20), judges: "kills", hold: storm_of_clients },
    Stage {
        name: "a crowd of 10,000",
        times: 4,
        aim: Some(1_000_000),
        judges: "deliveries",
        hold: crowd_of_peers,
    },
    Stage { name: "peers that are killed", times: 10, aim: None, judges: "messages", hold: killed },
    Stage { name: "peers that stand still", times: 5, aim: None, judges: "stops", hold: stopped },
    Stage { name: "no descriptors left", times: 4, aim: None, judges: "descriptors", hold: scarce },
];

const WIRES: [&str; 2] = ["tcp", "ipc"];

impl From<killed_peers::Report> for Held {
    fn from(report: killed_peers::Report) -> Self {
        Self::new(report.received, &report)
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
        Held::new(u64::from(plan.stops), &workers).and(Held::new(u64::from(plan.stops), &pairs))
    }))
}

fn scarce(trial: &Trial) -> Held {
    let plan = descriptors::Plan {
        most: 64,
        time: Duration::from_secs(5),
        cpu_percent: 5,
        recovery: Duration::from_secs(5),
    };
    all_of(WIRES.map(|transport| Held::new(plan.most, &descriptors::hold(trial, plan, &actor(), transport))))
}

fn storm_of_clients(trial: &Trial) -> Held {
    let plan = reconnect_storm::Plan {
        clients: 5_000,
        kills: 4,
        outage: Duration::from_secs(5),
        back: Duration::from_secs(35),
        most_percent: 10,
    };
    Held::new(plan.kills.into(), &reconnect_storm::hold(trial, plan, &actor()))
}

fn crowd_of_peers(trial: &Trial) -> Held {
    let plan =
        crowd::Plan { connections: 10_000, messages: 100, idle_kib: 16, close: Duration::from_secs(2) };
    Held::new((plan.connections * plan.messages) as u64, &crowd::hold(trial, plan, &actor()))
}
