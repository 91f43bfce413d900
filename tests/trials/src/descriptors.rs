//! A process has very few descriptors. Each of its steps in turn finds none left, and later all do while others knock: messages flow on,
//! it does not spin, and one that knocks is let in when there are some again.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use hubless::Push;

use crate::Trial;
use hubless_kit::{Child, Gauge, SOON, Stamp, holds_within, now};

/// How few, and what must be.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Descriptors that the process may have; so many steps in turn find none left.
    pub most: u64,
    /// How long it has none while somebody knocks.
    pub time: Duration,
    /// Of that time, the most for which it may use a processor, in hundredths.
    pub cpu_percent: u32,
    /// By then it lets in who knocks when it has some again, where it gets its share of a processor: once in three times.
    pub recovery: Duration,
}

/// How often it is tried: on a machine that is busy with something else all is slow now and then.
const TRIES: usize = 3;

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    transport: &'static str,
    plan: Plan,
    received: u64,
    cpu: Duration,
    recovery: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, plan, received, cpu, recovery } = self;
        write!(f, "descriptors over {transport}: {} at most, {received} messages, none lost, ", plan.most)?;
        write!(f, "{cpu:?} of a processor in {:?} without any, recovered in {recovery:.1?}", plan.time)
    }
}

/// Has a process live with few.
pub fn hold(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut report = once(trial, plan, actor, transport);
    for _ in 1..TRIES {
        if report.recovery > plan.recovery {
            report = once(trial, plan, actor, transport);
        }
    }
    assert!(report.recovery <= plan.recovery, "three times not within {:?}: {report}", plan.recovery);
    report
}

fn once(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let run = trial.chance(0).u64(..);
    let mut scarce = Child::program(actor, &["scarce", transport, &plan.most.to_string(), &run.to_string()]);
    let address = scarce.hear();
    assert_eq!(scarce.hear(), "none");
    let push = Push::builder().handshake_timeout(Duration::from_secs(600)).build().expect("a socket");
    push.dial(address.as_str()).expect("an address");

    let before = Gauge::of(scarce.id()).cpu;
    let came = push.wait_for_peers(1, plan.time).is_ok();
    let cpu = Gauge::of(scarce.id()).cpu.saturating_sub(before);
    assert!(!came, "it has a descriptor left");
    assert!(cpu <= plan.time * plan.cpu_percent / 100, "{cpu:?} of a processor used in {:?}", plan.time);

    let begin = now();
    scarce.say("free");
    assert!(holds_within(SOON, || push.stats().pipes == 1), "not within {SOON:?}");
    let recovery = begin.elapsed();
    let stamp = Stamp { run, sender: 1, incarnation: 0, seq: 0, about: 0 };
    push.send(stamp.encode(100)).expect("room");
    let received = scarce.hear().parse().expect("a number");
    Report { transport, plan, received, cpu, recovery }
}
