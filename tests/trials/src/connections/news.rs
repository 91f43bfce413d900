use std::thread;
use std::time::Duration;

use hubless::{Error, Overflow, Pub, Sub};

use super::draining::TURN;
use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::{Ledger, now};

/// How many subscribers there are.
const SUBSCRIBERS: u64 = 2;

/// PUB to SUBs over connections that live: what a subscriber lacks is what the publisher counts as dropped for it, no more and
/// no less.
pub fn news(trial: &Trial, plan: &Plan, overflow: Overflow) -> Report {
    let mut place = Place::new(trial, plan);
    let publisher = Pub::builder().overflow(overflow).send_buffer(20).build().expect("a socket");
    let listener = publisher.listen(place.address()).expect("an address");
    let subs: Vec<Sub> = (0..SUBSCRIBERS).map(|_| subscribed(&place.way_to(listener.address()))).collect();
    publisher.wait_for_peers(subs.len(), PATIENCE).expect("the subscribers come");
    let source = Source::new(trial, plan, 1);
    let ledgers: Vec<Ledger> = thread::scope(|scope| {
        let publishing = &publisher;
        let sending =
            scope.spawn(move || source.all().try_for_each(|news| publishing.send(news)).map_err(Error::from));
        let subs = &subs;
        let receive = |number| scope.spawn(move || take(number, subs, publishing, (trial, plan)));
        let receiving: Vec<_> = (0..subs.len()).map(receive).collect();
        let ledgers = receiving.into_iter().map(outcome).collect();
        outcome(sending).expect("an open socket");
        ledgers
    });
    let stats = settled(&publisher, |stats| stats.send_queue == 0);
    let (delivered, meant) =
        (ledgers.iter().map(|ledger| ledger.received).sum(), SUBSCRIBERS * plan.messages);
    assert_eq!(stats.drops.total(), stats.drops.peer_full, "{stats:?}");
    assert_gaps(&publisher, &ledgers, plan.messages);
    assert_eq!(meant - delivered, stats.drops.peer_full, "the gaps are not what was counted as dropped");
    assert!(overflow != Overflow::Block || delivered == meant, "a publisher that waits has lost something");
    Report::new("PUB", &place).delivered(delivered, meant).lost(stats.drops.peer_full, 0)
}

pub(super) fn subscribed(way: &str) -> Sub {
    let sub = Sub::builder().recv_buffer(20).reconnect(Duration::from_millis(1)..=TURN).build();
    let sub = sub.expect("a socket");
    sub.subscribe("").expect("an open socket");
    sub.dial(way).expect("an address");
    sub
}

/// Takes until everything that was published to it has come or was dropped.
fn take(number: usize, subs: &[Sub], publisher: &Pub, (trial, plan): (&Trial, &Plan)) -> Ledger {
    let sub = &subs[number];
    let _tied = Tied(vec![sub, publisher]);
    let mut ledger = Ledger::new(trial.seed());
    let mut quiet = now();
    loop {
        match sub.recv_timeout(TURN) {
            Ok(message) => {
                ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
                quiet = now();
            }
            Err(Error::Timeout { .. }) if all_there(publisher, subs, plan.messages) => return ledger,
            Err(Error::Timeout { .. }) => {
                assert!(quiet.elapsed() < plan.patience, "the gaps are more than was dropped");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether everything that was to be published has been taken or dropped.
fn all_there(publisher: &Pub, subs: &[Sub], messages: u64) -> bool {
    let stats = publisher.stats();
    let came: u64 = subs.iter().map(|sub| sub.stats().received).sum();
    let waiting = subs.iter().any(|sub| sub.stats().recv_queue > 0);
    stats.send_queue == 0 && !waiting && came + stats.drops.peer_full == SUBSCRIBERS * messages
}

/// For each pipe of the publisher there is a subscriber who lacks just what was dropped there.
fn assert_gaps(publisher: &Pub, ledgers: &[Ledger], messages: u64) {
    let mut dropped: Vec<u64> = publisher.pipes().iter().map(|pipe| pipe.traffic.drops.peer_full).collect();
    let mut gaps: Vec<u64> = ledgers.iter().map(|ledger| messages - ledger.received).collect();
    dropped.sort_unstable();
    gaps.sort_unstable();
    assert_eq!(gaps, dropped, "the gaps are not what was counted as dropped");
}
