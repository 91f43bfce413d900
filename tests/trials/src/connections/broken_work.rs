use std::thread;
use std::time::Duration;

use hubless::{Error, Message, Pair, Pull, Push, RecvSocket, SendSocket};
use hubless_kit::Ledger;

use super::draining::{TURN, drain};
use super::place::Place;
use super::roll::Roll;
use super::source::Source;
use super::system::{Hands, bytes_in_system};
use super::together::{Tied, outcome};
use super::{Plan, Report};
use crate::Trial;

/// PUSH to PULL over connections that break off: nothing comes twice, and what does not come was in the hands of the system
/// or is counted.
pub fn broken_work(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let push = Push::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    let pull = Pull::new().expect("a socket");
    place.connect(&pull, &push);
    stream("PUSH, broken off", (&push, &pull), &place, |_| ())
}

/// PAIR to PAIR over connections that break off: as [`broken_work`], and what comes is in order, because there is one
/// connection at a time.
pub fn broken_pair(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let sender = Pair::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    let receiver = Pair::new().expect("a socket");
    place.connect(&receiver, &sender);
    let mut ledger = Ledger::new(trial.seed());
    stream("PAIR, broken off", (&sender, &receiver), &place, |message| {
        ledger.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
    })
}

/// Every message came, or was in the hands of the system, or is counted; and the system had no more than it can hold.
fn stream(
    what: &'static str,
    (sender, receiver): (&impl SendSocket<Outgoing = Message>, &impl RecvSocket<Incoming = Message>),
    place: &Place<'_>,
    mut look: impl FnMut(&Message),
) -> Report {
    let (trial, plan) = (place.trial, place.plan);
    let (source, mut roll) = (Source::new(trial, plan, 1), Roll::new(trial.seed(), plan.messages));
    thread::scope(|scope| {
        let _tied = Tied(vec![sender, receiver]);
        let sending = scope.spawn(|| sender.send_many(source.all()).map_err(Error::from));
        let take = |message: &Message| {
            look(message);
            roll.enter(message).unwrap_or_else(|breach| panic!("{breach}"));
        };
        let sent = || sending.is_finished().then_some(plan.messages);
        drain((sender, receiver), place, take, sent);
        assert_eq!(outcome(sending).expect("an open socket") as u64, plan.messages);
    });
    let drops = sender.stats().drops;
    assert_eq!(drops.total(), drops.pipe_lost, "{drops:?}");
    let hands = Hands::of(place, &receiver.stats());
    let in_system = hands.assert_holds(plan.messages, roll.present(), drops.pipe_lost);
    let bytes: u64 = roll.absent().map(|seq| source.length(seq)).sum();
    let most = place.cuts() * bytes_in_system() + drops.pipe_lost * plan.largest as u64;
    assert!(bytes <= most, "{bytes} bytes did not come, and the system can hold {most}");
    Report::new(what, place).delivered(roll.present(), plan.messages).lost(drops.pipe_lost, in_system)
}
