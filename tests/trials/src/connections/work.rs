use std::thread;

use hubless::{Pull, Push};

use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::Ledger;

/// PUSH to PULL over a connection that lives: everything arrives, in order, once.
pub fn work(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let push = Push::new().expect("a socket");
    let pull = Pull::builder().recv_timeout(PATIENCE).build().expect("a socket");
    place.connect(&pull, &push);
    let source = Source::new(trial, plan, 1);
    let ledger = thread::scope(|scope| {
        let _tied = Tied(vec![&push, &pull]);
        let sending = scope.spawn(|| push.send_many(source.all()).map_err(hubless::Error::from));
        let ledger = take(&pull, trial.seed(), plan.messages);
        assert_eq!(outcome(sending).expect("an open socket") as u64, plan.messages);
        ledger
    });
    let (sender, receiver) =
        (settled(&push, |stats| stats.send_queue == 0), settled(&pull, |stats| stats.recv_queue == 0));
    assert_eq!((sender.sent, sender.drops.total()), (plan.messages, 0), "{sender:?}");
    assert_eq!((receiver.received, receiver.drops.total()), (plan.messages, 0), "{receiver:?}");
    Report::new("PUSH", &place).delivered(ledger.received, plan.messages)
}

fn take(pull: &Pull, run: u64, messages: u64) -> Ledger {
    let mut ledger = Ledger::new(run);
    while ledger.received < messages {
        for message in pull.recv_many(256).expect("another message") {
            ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
            assert_eq!(ledger.missing, 0, "a message was lost");
        }
    }
    ledger
}
