//! Very many clients lose their one server at the same time, again and again, and come back to the next without a storm.

use std::fmt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use hubless::{Dialer, Push};

use crate::Trial;
use hubless_kit::{Child, Site, eventually, holds_within, now};

/// How many, how often, and what must be.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Dialers, each with a pause of its own.
    pub clients: usize,
    /// How often the server is killed.
    pub kills: u32,
    /// How long there is none.
    pub outage: Duration,
    /// Within this time 99 of a hundred are back.
    pub back: Duration,
    /// When there is a server again, so many of a hundred dial in a tenth of a second and no more.
    pub most_percent: usize,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    plan: Plan,
    slowest: Duration,
    most: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, slowest, most } = self;
        write!(f, "storm: {} clients, {} kills, 99% back within {slowest:.1?}, ", plan.clients, plan.kills)?;
        write!(f, "at most {most} dialed in a tenth of a second")
    }
}

/// How often it is looked who has dialed.
const TENTH: Duration = Duration::from_millis(100);

/// Kills the server of very many.
pub fn hold(_trial: &Trial, plan: Plan, actor: &Path) -> Report {
    hubless_kit::allow_descriptors();
    let site = Site::new("tcp");
    let (address, connections) = (site.place(0), (plan.clients * 2).to_string());
    let start = || {
        let mut server = Child::program(actor, &["host", "pull", &address, &connections]);
        assert_eq!(server.hear(), "ready");
        server
    };
    let mut server = start();
    let push = Push::new().expect("a socket");
    let dialers: Vec<Dialer> =
        (0..plan.clients).map(|_| push.dial(address.as_str()).expect("an address")).collect();
    eventually(|| push.stats().pipes == plan.clients);
    let mut report = Report { plan, slowest: Duration::ZERO, most: 0 };
    for _ in 0..plan.kills {
        server.kill();
        eventually(|| push.stats().pipes == 0);
        let begin = now();
        holds_within(plan.outage, || begin.elapsed() > plan.outage);
        server = start();
        let (took, most) = come_back(plan, &push, &dialers);
        report.slowest = report.slowest.max(took);
        report.most = report.most.max(most);
    }
    assert!(report.most * 100 <= plan.clients * plan.most_percent, "too many at a time: {report}");
    report
}

/// How long it takes, and how many dial in a tenth of a second.
fn come_back(plan: Plan, push: &Push, dialers: &[Dialer]) -> (Duration, usize) {
    let begin = now();
    let (mut attempts, mut looked, mut most) = (attempts_of(dialers), begin, 0);
    while push.stats().pipes * 100 < plan.clients * 99 {
        assert!(begin.elapsed() <= plan.back, "{} are back", push.stats().pipes);
        thread::park_timeout(TENTH);
        let (now, made) = (now(), attempts_of(dialers));
        // One that looks late sees more.
        let tenths = usize::try_from((now - looked).as_millis() / TENTH.as_millis()).unwrap_or(0).max(1);
        most = most.max((made - attempts) / tenths);
        (attempts, looked) = (made, now);
    }
    let took = begin.elapsed();
    eventually(|| push.stats().pipes == plan.clients);
    (took, most)
}

fn attempts_of(dialers: &[Dialer]) -> usize {
    let attempts = dialers.iter().map(Dialer::status).map(|status| status.failed + status.connected);
    usize::try_from(attempts.sum::<u64>()).unwrap_or(usize::MAX)
}
