use std::thread;
use std::time::Duration;

use hubless::{Bus, Error, Message, Pub, RecvSocket, SendSocket};
use hubless_kit::Ledger;

use super::draining::{TURN, drain};
use super::news::subscribed;
use super::place::Place;
use super::source::Source;
use super::system::Hands;
use super::together::{PATIENCE, Tied, outcome};
use super::{Plan, Report};
use crate::Trial;

/// PUB to SUB over connections that break off: the subscription holds, nothing old comes after what is newer, and what was sent
/// to the subscriber came, or was in the hands of the system, or is counted.
pub fn broken_news(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let publisher = Pub::builder().send_buffer(20).build().expect("a socket");
    let listener = publisher.listen(place.address()).expect("an address");
    let sub = subscribed(&place.way_to(listener.address()));
    publisher.wait_for_peers(1, PATIENCE).expect("the subscriber comes");
    broadcast("PUB, broken off", (&publisher, &sub), &place)
}

/// BUS to BUS over connections that break off: nothing old comes after what is newer, and what was sent came, or was in the hands
/// of the system, or is counted.
pub fn broken_bus(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let near = Bus::builder().send_buffer(20).build().expect("a socket");
    let far = Bus::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    place.connect(&near, &far);
    broadcast("BUS, broken off", (&near, &far), &place)
}

/// What was sent came, or was in the hands of the system, or is counted. What was sent while nobody was there was for nobody.
fn broadcast(
    what: &'static str,
    (near, far): (&impl SendSocket<Outgoing = Message>, &impl RecvSocket<Incoming = Message>),
    place: &Place<'_>,
) -> Report {
    let source = Source::new(place.trial, place.plan, 1);
    let mut ledger = Ledger::new(place.trial.seed());
    thread::scope(|scope| {
        let _tied = Tied(vec![near, far]);
        let sending = scope.spawn(|| {
            source.all().try_for_each(|message| {
                // So that there is somebody for a part of what is sent.
                let someone = || near.wait_for_peers(1, Duration::from_millis(100));
                while matches!(someone(), Err(Error::Timeout { .. })) {}
                near.send(message)
            })
        });
        let take = |message: &Message| {
            ledger.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
        };
        let sent = || sending.is_finished().then(|| near.stats().sent);
        drain((near, far), place, take, sent);
        assert!(outcome(sending).is_ok(), "an open socket");
    });
    let (stats, delivered) = (near.stats(), ledger.received);
    let drops = stats.drops;
    assert_eq!(drops.total(), drops.pipe_lost + drops.peer_full, "{drops:?}");
    let in_system = Hands::of(place, &far.stats()).assert_holds(stats.sent, delivered, drops.pipe_lost);
    let meant = stats.sent + drops.peer_full;
    Report::new(what, place).delivered(delivered, meant).lost(drops.total(), in_system)
}
