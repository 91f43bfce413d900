use std::time::Duration;

use hubless::Overflow;
use hubless_trials::connections::{self, Plan, Report};
use hubless_trials::{Cutting, Ending, Manner, Trial};

use super::{Held, Stage, all_of};

const WIRES: [&str; 2] = ["tcp", "ipc"];
const LARGEST: usize = 200 * 1024;

pub(super) const STAGES: [Stage; 6] = [
    stage("streams over tcp", 40, streams_over_tcp).reaching(200_000_000),
    stage("streams over inproc", 40, within).reaching(500_000_000),
    stage("streams over ipc", 10, streams_over_ipc),
    stage("every pattern, held back and cut to pieces", 10, patterns),
    stage("a byte at a time", 3, bytes),
    stage("connections that break off", 10, breaking_off),
];

/// One that judges messages.
const fn stage(name: &'static str, times: u64, hold: fn(&Trial) -> Held) -> Stage {
    Stage { name, times, aim: None, judges: "messages", hold }
}

impl From<Report> for Held {
    fn from(report: Report) -> Self {
        Self::new(report.delivered, &report)
    }
}

/// Holds a stage over both.
fn over_wires(
    trial: &Trial,
    messages: u64,
    largest: usize,
    manner: &Manner,
    stage: impl Fn(&Trial, &Plan) -> Report,
) -> Held {
    let plan = |transport| Plan::new(transport, messages, largest).through(manner.clone());
    all_of(WIRES.map(|transport| stage(trial, &plan(transport)).into()))
}

/// Everything at once, with a stall now and then.
fn mixed() -> Manner {
    Manner::new(Cutting::Mixed).stalling(20_000, Duration::from_secs(1))
}

fn streams_over_tcp(trial: &Trial) -> Held {
    streams(trial, "tcp")
}

fn streams_over_ipc(trial: &Trial) -> Held {
    streams(trial, "ipc")
}

fn streams(trial: &Trial, transport: &'static str) -> Held {
    let odd = Manner::new(Cutting::Odd).stalling(10_000, Duration::from_secs(1));
    let small = Plan::new(transport, 5_000_000, 4096).through(Manner::new(Cutting::Held));
    let large = Plan::new(transport, 250_000, LARGEST).through(odd);
    all_of([small, large].map(|plan| connections::work(trial, &plan).into()))
}

fn within(trial: &Trial) -> Held {
    let stage = |stage: fn(&Trial, &Plan) -> Report, messages, largest| {
        stage(trial, &Plan::new("inproc", messages, largest)).into()
    };
    all_of([
        stage(connections::crowd, 4_000_000, 1024),
        stage(connections::passers_by, 100_000, LARGEST),
        stage(connections::pairs, 200_000, LARGEST),
        stage(connections::requests, 100_000, LARGEST),
        stage(connections::buses, 50_000, LARGEST),
        stage(connections::surveys, 2_000, LARGEST),
        stage(|trial, plan| connections::news(trial, plan, Overflow::DropNewest), 200_000, LARGEST),
        stage(|trial, plan| connections::news(trial, plan, Overflow::DropOldest), 200_000, LARGEST),
        stage(|trial, plan| connections::news(trial, plan, Overflow::Block), 200_000, LARGEST),
    ])
}

fn patterns(trial: &Trial) -> Held {
    let news = |overflow| {
        over_wires(trial, 50_000, LARGEST, &mixed(), move |trial, plan| {
            connections::news(trial, plan, overflow)
        })
    };
    all_of([
        over_wires(trial, 100_000, LARGEST, &mixed(), connections::pairs),
        over_wires(trial, 50_000, LARGEST, &mixed(), connections::requests),
        over_wires(trial, 25_000, LARGEST, &mixed(), connections::buses),
        over_wires(trial, 1_000, LARGEST, &Manner::new(Cutting::Mixed), connections::surveys),
        news(Overflow::DropNewest),
        news(Overflow::DropOldest),
        news(Overflow::Block),
    ])
}

fn bytes(trial: &Trial) -> Held {
    over_wires(trial, 50_000, 200, &Manner::new(Cutting::Bytes), connections::work)
}

fn breaking_off(trial: &Trial) -> Held {
    all_of([Ending::Orderly, Ending::Reset].map(|ending| {
        let often = Manner::new(Cutting::Mixed).breaking_off(0..=200_000, ending);
        let seldom = Manner::new(Cutting::Mixed).breaking_off(20_000..=100_000, ending);
        let soon = Manner::new(Cutting::Mixed).breaking_off(2_000..=50_000, ending);
        all_of([
            over_wires(trial, 200_000, LARGEST, &often, connections::broken_work),
            over_wires(trial, 200_000, LARGEST, &often, connections::broken_pair),
            over_wires(trial, 50_000, LARGEST, &often, connections::broken_news),
            over_wires(trial, 20_000, LARGEST, &often, connections::broken_bus),
            over_wires(trial, 1_000, 4096, &soon, connections::broken_surveys),
            over_wires(trial, 20_000, 4096, &seldom, connections::requests_that_move),
        ])
    }))
}
