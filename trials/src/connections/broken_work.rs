use std::thread;
use std::time::Duration;

use hubless::{Error, Message, Pair, Pub, Pull, Push};

use super::news::subscribed;
use super::place::Place;
use super::roll::Roll;
use super::source::Source;
use super::system::{Hands, octets_in_system};
use super::together::{PATIENCE, Socket, Tied, outcome};
use super::{Plan, Report};
use crate::{Ledger, Trial, now};

/// How long nothing may come before it is looked whether it is all there.
const TURN: Duration = Duration::from_millis(20);
/// How many looks must find that it is.
const LOOKS: u32 = 5;

/// PUSH to PULL over connections that break off: nothing comes twice, and what does not come was in the hands of the system
/// or is counted.
///
/// # Panics
///
/// When it is not so.
pub fn broken_work(trial: &Trial, plan: &Plan) -> Report {
    let (began, mut place) = (now(), Place::new(trial, plan));
    let push = Push::builder().reconnect(Duration::from_millis(1), TURN).build().expect("a socket");
    let pull = Pull::new().expect("a socket");
    let listener = pull.listen(place.address()).expect("an address");
    let _dialer = push.dial(place.way_to(listener.address())).expect("an address");
    let (source, mut roll) = (Source::new(trial, plan, 1), Roll::new(trial.seed, plan.messages));
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
    judge("PUSH, broken off", &push, (&place, plan), (&source, &roll), began)
}

/// PAIR to PAIR over connections that break off: as [`broken_work`], and what comes is in order, because there is one
/// connection at a time.
///
/// # Panics
///
/// When it is not so.
pub fn broken_pair(trial: &Trial, plan: &Plan) -> Report {
    let (began, mut place) = (now(), Place::new(trial, plan));
    let sender = Pair::builder().reconnect(Duration::from_millis(1), TURN).build().expect("a socket");
    let receiver = Pair::new().expect("a socket");
    let listener = receiver.listen(place.address()).expect("an address");
    let _dialer = sender.dial(place.way_to(listener.address())).expect("an address");
    let source = Source::new(trial, plan, 1);
    let (mut roll, mut ledger) = (Roll::new(trial.seed, plan.messages), Ledger::new(trial.seed));
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
    judge("PAIR, broken off", &sender, (&place, plan), (&source, &roll), began)
}

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
    let mut ledger = Ledger::new(trial.seed);
    thread::scope(|scope| {
        let _tied = Tied(vec![&publisher, &sub]);
        let sending = scope.spawn(|| {
            source.all().try_for_each(|message| {
                // So that there is somebody for a part of it.
                while publisher.wait_for_peers(1, Duration::from_millis(100)).is_err() {}
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
    let drops = publisher.stats().drops;
    let sent = publisher.stats().sent;
    assert_eq!(drops.total(), drops.pipe_lost + drops.peer_full, "{drops:?}");
    let in_system = Hands::of(&place, plan).assert_holds(sent, ledger.received, drops.pipe_lost);
    // What was published while nobody was there was for nobody.
    let meant = sent + drops.peer_full;
    Report::new("PUB, broken off", plan, &place, began)
        .delivered(ledger.received, meant)
        .lost(drops.total(), in_system)
}

/// Takes until all is sent and all that is not lost has come.
fn drain(
    (sender, receiver): (&dyn Socket, &dyn Socket),
    (place, plan): (&Place<'_>, &Plan),
    recv: impl Fn(Duration) -> Result<Message, Error>,
    mut take: impl FnMut(&Message),
    sent: impl Fn() -> Option<u64>,
) {
    let (mut came, mut looks) = (0, 0);
    let mut quiet = now();
    while looks < LOOKS && quiet.elapsed() < plan.patience {
        match recv(TURN) {
            Ok(message) => {
                take(&message);
                came += 1;
                (looks, quiet) = (0, now());
            }
            Err(Error::Timeout) => {
                let (out, back) = (sender.counted(), receiver.counted());
                let left = out.send_queue == 0 && back.recv_queue == 0;
                let holds = |sent| Hands::of(place, plan).holds(sent, came, out.drops.pipe_lost);
                looks = if left && sent().is_some_and(holds) { looks + 1 } else { 0 };
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Every message came, or was in the hands of the system, or is counted; and the system had no more than it can hold.
fn judge(
    what: &'static str,
    sender: &dyn Socket,
    (place, plan): (&Place<'_>, &Plan),
    (source, roll): (&Source, &Roll),
    began: std::time::Instant,
) -> Report {
    let drops = sender.counted().drops;
    assert_eq!(drops.total(), drops.pipe_lost, "{drops:?}");
    let in_system = Hands::of(place, plan).assert_holds(plan.messages, roll.present(), drops.pipe_lost);
    let octets: u64 = roll.absent().map(|seq| source.length(seq)).sum();
    let counted = drops.pipe_lost * plan.largest as u64;
    let most = place.cuts() * octets_in_system() + counted;
    assert!(octets <= most, "{octets} octets did not come, and the system can hold {most}");
    Report::new(what, plan, place, began)
        .delivered(roll.present(), plan.messages)
        .lost(drops.pipe_lost, in_system)
}
