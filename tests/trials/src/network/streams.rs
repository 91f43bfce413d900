use std::thread;
use std::time::Duration;

use hubless::{Pair, Pull, Push, Stats};

use super::flow::Flow;
use super::{Network, Plan, Report};
use crate::Trial;
use hubless_kit::{Ledger, now};

/// A PUSH sends to a PULL, and the network is cut meanwhile.
pub fn push_pull(trial: &Trial, plan: &Plan) -> Report {
    let network = Network::new(trial, plan.conditions);
    let push = Push::builder().context(&network.here.context()).build().expect("a socket");
    let pull = Pull::builder().context(&network.there.context()).build().expect("a socket");
    network.there.enter(|| pull.listen(plan.endpoint(&network.there)).expect("a port"));
    push.dial(plan.endpoint(&network.there)).expect("an address");

    let (flow, begin) = (Flow::new(trial, 1, plan), now());
    let sending = push.clone();
    let sending = thread::spawn(move || flow.send(|message, time| sending.send_timeout(message, time)));
    let cut_at = plan.cut_at(trial);
    let cut = |count| {
        if count == cut_at {
            network.cut_for(plan.partition);
        }
    };
    let ledger = flow.receive(|time| pull.recv_timeout(time), cut);
    sending.join().expect("a sender");

    let report = Report {
        what: "push/pull",
        time: begin.elapsed(),
        ..outcome(plan, &[ledger], &[push.stats(), pull.stats()])
    };
    report.check_that_nothing_is_lost();
    report
}

/// Two PAIRs send to each other, and the network is cut meanwhile.
pub fn pair(trial: &Trial, plan: &Plan) -> Report {
    let network = Network::new(trial, plan.conditions);
    let here = Pair::builder().context(&network.here.context()).build().expect("a socket");
    let there = Pair::builder().context(&network.there.context()).build().expect("a socket");
    network.there.enter(|| there.listen(plan.endpoint(&network.there)).expect("a port"));
    here.dial(plan.endpoint(&network.there)).expect("an address");

    let ([out, back], begin) = ([1, 2].map(|sender| Flow::new(trial, sender, plan)), now());
    let sending = [(here.clone(), out), (there.clone(), back)].map(|(pair, flow)| {
        thread::spawn(move || flow.send(|message, time| pair.send_timeout(message, time)))
    });
    let returning = here.clone();
    let returning = thread::spawn(move || back.receive(|time| returning.recv_timeout(time), |_| {}));
    let cut_at = plan.cut_at(trial);
    let cut = |count| {
        if count == cut_at {
            network.cut_for(plan.partition);
        }
    };
    let went = out.receive(|time| there.recv_timeout(time), cut);
    let returned = returning.join().expect("a receiver");
    for sender in sending {
        sender.join().expect("a sender");
    }

    let report = Report {
        what: "pair",
        time: begin.elapsed(),
        ..outcome(plan, &[went, returned], &[here.stats(), there.stats()])
    };
    report.check_that_nothing_is_lost();
    report
}

fn outcome(plan: &Plan, ledgers: &[Ledger], stats: &[Stats; 2]) -> Report {
    Report {
        what: "",
        plan: *plan,
        sent: plan.messages * ledgers.len() as u64,
        received: ledgers.iter().map(|ledger| ledger.received).sum(),
        lost: ledgers.iter().map(|ledger| ledger.missing).sum(),
        counted: stats.iter().map(|stats| stats.drops.total()).sum(),
        disconnected: stats.iter().map(|stats| stats.disconnected).sum(),
        time: Duration::ZERO,
    }
}
