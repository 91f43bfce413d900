use std::thread;
use std::time::Duration;

use hubless::{Error, Pair, Req};

use super::draining::TURN;
use super::place::Place;
use super::source::Source;
use super::together::{Tied, outcome};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::{Ledger, Stamp};

/// How many requests are open at a time.
const OPEN: usize = 64;

/// PAIR with a peer of any library that sends back whatever comes: all of it comes back, in order, once. The connection must live.
pub fn echoes(trial: &Trial, plan: &Plan, peer: &str) -> Report {
    let mut place = Place::new(trial, plan);
    let pair = Pair::builder().recv_timeout(plan.patience).build().expect("a socket");
    let _dialer = pair.dial(place.way_to(peer)).expect("an address");
    let source = Source::new(trial, plan, 1);
    let mut ledger = Ledger::new(trial.seed());
    thread::scope(|scope| {
        let _tied = Tied(vec![&pair]);
        let sending = scope.spawn(|| pair.send_many(source.all()).map_err(Error::from));
        while ledger.received < plan.messages {
            let message = pair.recv().expect("another message");
            ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
            assert_eq!(ledger.missing, 0, "a message was lost");
        }
        assert_eq!(outcome(sending).expect("an open socket") as u64, plan.messages);
    });
    Report::new("PAIR with a stranger", &place).delivered(ledger.received, plan.messages)
}

/// REQ with a peer of any library whose answer ends with the request: each request gets one, its own. The connections may break
/// off.
pub fn answers(trial: &Trial, plan: &Plan, peer: &str) -> Report {
    let mut place = Place::new(trial, plan);
    let (first, most) = (Duration::from_millis(1), TURN);
    let req = Req::builder().recv_timeout(plan.patience).reconnect(first..=most).build();
    let req = req.expect("a socket");
    let _dialer = req.dial(place.way_to(peer)).expect("an address");
    let source = Source::new(trial, plan, 1);
    for first in (0..plan.messages).step_by(OPEN) {
        let block = first..plan.messages.min(first + OPEN as u64);
        let pending: Vec<_> =
            block.clone().map(|seq| req.send(source.message(seq, 0)).expect("an open socket")).collect();
        for (seq, pending) in block.zip(pending) {
            let answer = pending.recv().expect("an answer");
            let length = usize::try_from(source.length(seq)).expect("a length");
            let request = answer.len().checked_sub(length).and_then(|at| answer.get(at..));
            let stamp = request.and_then(Stamp::decode).expect("an answer with the request in it");
            assert_eq!(stamp.seq, seq, "an answer to another request");
        }
    }
    let stats = req.stats();
    assert_eq!((stats.received, stats.drops.total()), (plan.messages, stats.drops.stray), "{stats:?}");
    Report::new("REQ with a stranger", &place).delivered(plan.messages, plan.messages)
}
