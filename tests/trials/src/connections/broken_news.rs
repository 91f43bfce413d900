use std::thread;
use std::time::{Duration, Instant};

use hubless::{Bus, Error, Message, Pub, Stats};

use super::draining::{TURN, drain};
use super::news::subscribed;
use super::place::Place;
use super::source::Source;
use super::system::Hands;
use super::together::{PATIENCE, Tied, outcome};
use super::{Plan, Report};
use crate::{Ledger, Trial, now};

/// PUB to SUB over connections that break off: the subscription holds, nothing old comes after what is newer, and what was sent
/// to the subscriber came, or was in the hands of the system, or is counted.
///
/// # Panics
///
/// When it is not so.
pub fn broken_news(trial: &Trial, plan: &Plan) -> Report {
    let (began, mut place) = (now(), Place::new(trial, plan));
    let publisher = Pub::builder().send_buffer(20).build().expect("a socket");
    let listener = publisher.listen(place.address()).expect("an address");
    let sub = subscribed(&place.way_to(listener.address()));
    publisher.wait_for_peers(1, PATIENCE).expect("the subscriber comes");
    let source = Source::new(trial, plan, 1);
    let mut ledger = Ledger::new(trial.seed());
    thread::scope(|scope| {
        let _tied = Tied(vec![&publisher, &sub]);
        let sending = scope.spawn(|| {
            source.all().try_for_each(|message| {
                wait_for_one(|time| publisher.wait_for_peers(1, time));
                publisher.send(message)
            })
        });
        let take = |message: &Message| {
            ledger.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
        };
        let sent = || sending.is_finished().then(|| publisher.stats().sent);
        drain((&publisher, &sub), (&place, plan), |wait| sub.recv_timeout(wait), take, sent);
        assert!(outcome(sending).is_ok(), "an open socket");
    });
    judge("PUB, broken off", (&publisher.stats(), &sub.stats()), (&place, plan), ledger.received, began)
}

/// BUS to BUS over connections that break off: nothing old comes after what is newer, and what was sent came, or was in the hands
/// of the system, or is counted.
///
/// # Panics
///
/// When it is not so.
pub fn broken_bus(trial: &Trial, plan: &Plan) -> Report {
    let (began, mut place) = (now(), Place::new(trial, plan));
    let near = Bus::builder().send_buffer(20).build().expect("a socket");
    let far = Bus::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    let listener = near.listen(place.address()).expect("an address");
    let _dialer = far.dial(place.way_to(listener.address())).expect("an address");
    let source = Source::new(trial, plan, 1);
    let mut ledger = Ledger::new(trial.seed());
    thread::scope(|scope| {
        let _tied = Tied(vec![&near, &far]);
        let sending = scope.spawn(|| {
            source.all().try_for_each(|message| {
                wait_for_one(|time| near.wait_for_peers(1, time));
                near.send(message)
            })
        });
        let take = |message: &Message| {
            ledger.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
        };
        let sent = || sending.is_finished().then(|| near.stats().sent);
        drain((&near, &far), (&place, plan), |wait| far.recv_timeout(wait), take, sent);
        assert!(outcome(sending).is_ok(), "an open socket");
    });
    judge("BUS, broken off", (&near.stats(), &far.stats()), (&place, plan), ledger.received, began)
}

/// So that there is somebody for a part of what is sent.
fn wait_for_one(wait: impl Fn(Duration) -> Result<(), Error>) {
    while matches!(wait(Duration::from_millis(100)), Err(Error::Timeout { .. })) {}
}

/// What was sent came, or was in the hands of the system, or is counted. What was sent while nobody was there was for nobody.
fn judge(
    what: &'static str,
    (stats, receiver): (&Stats, &Stats),
    (place, plan): (&Place<'_>, &Plan),
    delivered: u64,
    began: Instant,
) -> Report {
    let drops = stats.drops;
    assert_eq!(drops.total(), drops.pipe_lost + drops.peer_full, "{drops:?}");
    let in_system = Hands::of(place, plan, receiver).assert_holds(stats.sent, delivered, drops.pipe_lost);
    let meant = stats.sent + drops.peer_full;
    Report::new(what, plan, place, began).delivered(delivered, meant).lost(drops.total(), in_system)
}
