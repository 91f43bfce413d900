use std::thread;

use hubless::{Rep, Req};

use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use crate::socket::AnySocket;
use hubless_kit::{Ledger, Stamp};

/// How many requests are open at a time.
const OPEN: u64 = 64;

/// REQ to REP over a connection that lives: each request is executed once, and answered once with its own answer.
pub fn requests(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let (rep, req) = (Rep::builder().recv_timeout(PATIENCE).build(), Req::builder().recv_timeout(PATIENCE));
    let (rep, req) = (rep.expect("a socket"), req.build().expect("a socket"));
    place.connect(&rep, &req);
    let (asking, answering) = (Source::new(trial, plan, 1), Source::new(trial, plan, 2));
    let executed = thread::scope(|scope| {
        let _tied = Tied(vec![&req, &rep]);
        let asking = scope.spawn(|| {
            let _tied = Tied(vec![&req, &rep]);
            ask(&req, &asking, plan.messages);
        });
        let executed = serve(&rep, &answering, Ledger::new(trial.seed()), plan.messages);
        outcome(asking);
        executed
    });
    assert_eq!((executed.received, executed.missing), (plan.messages, 0));
    for socket in [&req as &dyn AnySocket, &rep] {
        let stats = settled(socket, |stats| stats.sent == plan.messages && stats.received == plan.messages);
        assert_eq!(stats.drops.total(), 0, "{stats:?}");
    }
    Report::new("REQ", &place).delivered(plan.messages, plan.messages)
}

/// Asks all, many at a time, and looks at each answer.
pub(super) fn ask(req: &Req, source: &Source, messages: u64) {
    for first in (0..messages).step_by(usize::try_from(OPEN).expect("a number")) {
        let block = first..messages.min(first + OPEN);
        let pending: Vec<_> =
            block.clone().map(|seq| req.send(source.message(seq, 0)).expect("an open socket")).collect();
        for (seq, pending) in block.zip(pending) {
            let answer =
                Stamp::decode(&pending.recv().expect("an answer")).expect("an answer as it was sent");
            assert_eq!(answer.about, seq, "an answer to another request");
        }
    }
}

fn serve(rep: &Rep, source: &Source, mut executed: Ledger, messages: u64) -> Ledger {
    while executed.received < messages {
        let request = rep.recv().expect("another request");
        let stamp = executed.enter(request.message()).unwrap_or_else(|breach| panic!("{breach}"));
        request.reply(source.message(stamp.seq, stamp.seq)).expect("an open socket");
    }
    executed
}
