use std::thread;
use std::time::Duration;

use hubless::{Error, Message, Pair, Pull, Push};

use super::draining::{TURN, drain};
use super::place::Place;
use super::roll::Roll;
use super::source::Source;
use super::system::{Hands, octets_in_system};
use super::together::{Tied, outcome};
use super::{Plan, Report};
use crate::socket::AnySocket;
use crate::{Ledger, Trial, now};

/// PUSH to PULL over connections that break off: nothing comes twice, and what does not come was in the hands of the system
/// or is counted.
///
/// # Panics
///
/// When it is not so.
pub fn broken_work(trial: &Trial, plan: &Plan) -> Report {
    let (began, mut place) = (now(), Place::new(trial, plan));
    let push = Push::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    let pull = Pull::new().expect("a socket");
    let listener = pull.listen(place.address()).expect("an address");
    let _dialer = push.dial(place.way_to(listener.address())).expect("an address");
    let (source, mut roll) = (Source::new(trial, plan, 1), Roll::new(trial.seed(), plan.messages));
    thread::scope(|scope| {
        let _tied = Tied(vec![&push, &pull]);
        let sending = scope.spawn(|| push.send_many(source.all()).map_err(Error::from));
        let take = |message: &Message| {
            roll.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
        };
        let sent = || sending.is_finished().then_some(plan.messages);
        drain((&push, &pull), (&place, plan), |wait| pull.recv_timeout(wait), take, sent);
        assert_eq!(outcome(sending).expect("an open socket") as u64, plan.messages);
    });
    judge("PUSH, broken off", (&push, &pull), (&place, plan), (&source, &roll), began)
}

/// PAIR to PAIR over connections that break off: as [`broken_work`], and what comes is in order, because there is one
/// connection at a time.
///
/// # Panics
///
/// When it is not so.
pub fn broken_pair(trial: &Trial, plan: &Plan) -> Report {
    let (began, mut place) = (now(), Place::new(trial, plan));
    let sender = Pair::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    let receiver = Pair::new().expect("a socket");
    let listener = receiver.listen(place.address()).expect("an address");
    let _dialer = sender.dial(place.way_to(listener.address())).expect("an address");
    let source = Source::new(trial, plan, 1);
    let (mut roll, mut ledger) = (Roll::new(trial.seed(), plan.messages), Ledger::new(trial.seed()));
    thread::scope(|scope| {
        let _tied = Tied(vec![&sender, &receiver]);
        let sending = scope.spawn(|| sender.send_many(source.all()).map_err(Error::from));
        let take = |message: &Message| {
            ledger.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
            roll.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
        };
        let recv = |wait| receiver.recv_timeout(wait);
        let sent = || sending.is_finished().then_some(plan.messages);
        drain((&sender, &receiver), (&place, plan), recv, take, sent);
        assert_eq!(outcome(sending).expect("an open socket") as u64, plan.messages);
    });
    judge("PAIR, broken off", (&sender, &receiver), (&place, plan), (&source, &roll), began)
}

/// Every message came, or was in the hands of the system, or is counted; and the system had no more than it can hold.
fn judge(
    what: &'static str,
    (sender, receiver): (&dyn AnySocket, &dyn AnySocket),
    (place, plan): (&Place<'_>, &Plan),
    (source, roll): (&Source, &Roll),
    began: std::time::Instant,
) -> Report {
    let drops = sender.counted().drops;
    assert_eq!(drops.total(), drops.pipe_lost, "{drops:?}");
    let hands = Hands::of(place, plan, &receiver.counted());
    let in_system = hands.assert_holds(plan.messages, roll.present(), drops.pipe_lost);
    let octets: u64 = roll.absent().map(|seq| source.length(seq)).sum();
    let counted = drops.pipe_lost * plan.largest as u64;
    let most = place.cuts() * octets_in_system() + counted;
    assert!(octets <= most, "{octets} octets did not come, and the system can hold {most}");
    Report::new(what, plan, place, began)
        .delivered(roll.present(), plan.messages)
        .lost(drops.pipe_lost, in_system)
}
