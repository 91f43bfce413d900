use std::thread;

use hubless::{Error, Pull, Push};

use super::draining::TURN;
use super::place::Place;
use super::roll::Roll;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use crate::socket::AnySocket;
use hubless_kit::{Breach, Ledger, now};

/// Senders and receivers at a time.
const SENDERS: u32 = 3;
const RECEIVERS: usize = 2;

/// Several of PUSH to several of PULL, without a proxy: everything arrives at one of them, once, and at each of them in the order in
/// which it was sent.
pub fn crowd(trial: &Trial, plan: &Plan) -> Report {
    let place = Place::new(trial, plan);
    let pulls: Vec<Pull> = (0..RECEIVERS).map(|_| Pull::new().expect("a socket")).collect();
    let listeners: Vec<_> =
        pulls.iter().map(|pull| pull.listen(place.address()).expect("an address")).collect();
    let pushes: Vec<Push> = (0..SENDERS).map(|_| Push::new().expect("a socket")).collect();
    for push in &pushes {
        for listener in &listeners {
            push.dial(listener.address()).expect("an address");
        }
        push.wait_for_peers(RECEIVERS, PATIENCE).expect("the receivers are there");
    }
    let meant = u64::from(SENDERS) * plan.messages;
    thread::scope(|scope| {
        let sockets = (pushes.as_slice(), pulls.as_slice());
        for (sender, push) in (0..).zip(&pushes) {
            let source = Source::new(trial, plan, sender);
            scope.spawn(move || push.send_many(source.all()).map_err(Error::from));
        }
        let receive = |pull| scope.spawn(move || take(pull, sockets, trial.seed(), meant));
        let taken: Vec<_> = pulls.iter().map(receive).collect();
        let ledgers: Vec<Ledger> = taken.into_iter().map(outcome).collect();
        assert_eq!(ledgers.iter().map(|ledger| ledger.received).sum::<u64>(), meant);
    });
    for push in &pushes {
        let stats = settled(push, |stats| stats.send_queue == 0);
        assert_eq!((stats.sent, stats.drops.total()), (plan.messages, 0), "{stats:?}");
    }
    Report::new("PUSHes", &place).delivered(meant, meant)
}

/// Takes until all of them together have everything. In order and once each: so many of them are all.
fn take(pull: &Pull, (pushes, pulls): (&[Push], &[Pull]), run: u64, meant: u64) -> Ledger {
    let sockets = pushes.iter().map(|push| push as &dyn AnySocket);
    let _tied = Tied(sockets.chain(pulls.iter().map(|pull| pull as &dyn AnySocket)).collect());
    let mut ledger = Ledger::new(run);
    let mut quiet = now();
    loop {
        match pull.recv_timeout(TURN) {
            Ok(message) => {
                ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
                for message in std::iter::from_fn(|| pull.try_recv().ok()) {
                    ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
                }
                quiet = now();
            }
            Err(Error::Timeout { .. }) => {
                let came: u64 = pulls.iter().map(|pull| pull.stats().received).sum();
                if came == meant {
                    return ledger;
                }
                assert!(quiet.elapsed() < PATIENCE, "{} messages were lost", meant - came);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// One PUSH after the other comes, sends a part and closes, to a PULL that stays: all of it arrives, once.
pub fn passers_by(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let pull = Pull::builder().recv_timeout(PATIENCE).build().expect("a socket");
    let listener = pull.listen(place.address()).expect("an address");
    let way = place.way_to(listener.address());
    let source = Source::new(trial, plan, 1);
    let mut chance = trial.chance(100);
    let mut roll = Roll::new(trial.seed(), plan.messages);
    thread::scope(|scope| {
        let _tied = Tied(vec![&pull]);
        let sending = scope.spawn(move || {
            let mut next = 0;
            while next < plan.messages {
                let end = plan.messages.min(next + chance.u64(1..=500));
                visit(&way, &source, next..end);
                next = end;
            }
        });
        while roll.present() < plan.messages {
            let message = pull.recv().expect("another message");
            let entered: Result<_, Breach> = roll.enter(&message);
            entered.unwrap_or_else(|breach| panic!("{breach}"));
        }
        outcome(sending);
    });
    let stats = settled(&pull, |stats| stats.recv_queue == 0);
    assert_eq!((stats.received, stats.drops.total()), (plan.messages, 0), "{stats:?}");
    Report::new("PUSHes that pass by", &place).delivered(roll.present(), plan.messages)
}

fn visit(way: &str, source: &Source, part: std::ops::Range<u64>) {
    let push = Push::new().expect("a socket");
    push.dial(way).expect("an address");
    push.send_many(part.map(|seq| source.message(seq, 0))).map_err(Error::from).expect("an open socket");
    let report = push.close(PATIENCE).expect("an open socket");
    assert_eq!(report.dropped, 0, "a close that had its time has dropped something");
}
