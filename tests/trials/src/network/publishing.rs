use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hubless::{Error, Pub, Sub};

use super::flow::Flow;
use super::{Network, Plan, Report};
use crate::Trial;
use hubless_kit::{Ledger, now};

/// Messages that are published at once, and the pause after them: faster than a poor network is while it is cut, and
/// slower than it is otherwise.
const BURST: u64 = 50;
const PAUSE: Duration = Duration::from_millis(2);

/// How long a subscriber waits before it looks whether that was all.
const LOOK: Duration = Duration::from_millis(100);

/// A PUB publishes to a SUB, and the network is cut meanwhile. Then it goes on until something new has come.
pub fn publishing(trial: &Trial, plan: &Plan) -> Report {
    let network = Network::new(trial, plan.conditions);
    let publisher = Pub::builder().context(&network.there.context()).build().expect("a socket");
    let sub = Sub::builder().context(&network.here.context()).build().expect("a socket");
    network.there.enter(|| publisher.listen(plan.endpoint(&network.there)).expect("a port"));
    sub.subscribe("").expect("a live background");
    sub.dial(plan.endpoint(&network.there)).expect("an address");
    publisher.wait_for_peers(1, plan.patience()).expect("a subscriber");

    let (flow, begin, over) = (Flow::new(trial, 1, plan), now(), Arc::new(AtomicBool::new(false)));
    let publishing = publish(publisher.clone(), flow, Arc::clone(&over));
    let mut ledger = Ledger::new(trial.seed());
    let mut last = 0;
    for end in [plan.cut_at(trial), plan.messages] {
        while last < end {
            last = enter(&mut ledger, &sub, plan.patience()).expect("something new");
        }
        if end < plan.messages {
            network.cut_for(plan.partition);
        }
    }
    over.store(true, Ordering::Relaxed);
    let count = publishing.join().expect("a publisher");
    let disconnected = || publisher.stats().disconnected + sub.stats().disconnected;
    while ledger.received < publisher.stats().sent {
        let patience = if disconnected() == 0 { plan.patience() } else { LOOK };
        match enter(&mut ledger, &sub, patience) {
            Ok(seq) => last = seq,
            // What the system had taken for a connection ended with it.
            Err(_) if disconnected() > 0 => break,
            Err(error) => panic!("{error}: {} of {:?}", ledger.received, publisher.stats()),
        }
    }

    let report = Report {
        what: "pub/sub",
        plan: *plan,
        sent: count,
        received: ledger.received,
        lost: ledger.missing + count - 1 - last,
        counted: publisher.stats().drops.total(),
        disconnected: disconnected(),
        time: begin.elapsed(),
    };
    report.check_that_loss_is_counted();
    report
}

/// Publishes as many as planned, and more until it is over. How many it were.
fn publish(publisher: Pub, flow: Flow, over: Arc<AtomicBool>) -> JoinHandle<u64> {
    thread::spawn(move || {
        let mut seq = 0;
        while seq < flow.plan.messages || !over.load(Ordering::Relaxed) {
            for _ in 0..BURST {
                publisher.send(flow.message(seq, 0)).expect("a live socket");
                seq += 1;
            }
            thread::park_timeout(PAUSE);
        }
        seq
    })
}

/// Takes the next message. Its number.
fn enter(ledger: &mut Ledger, sub: &Sub, time: Duration) -> Result<u64, Error> {
    let message = sub.recv_timeout(time)?;
    Ok(ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}")).seq)
}
