use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hubless::{Error, Rep, Req};

use super::draining::TURN;
use super::place::Place;
use super::requests::ask;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::Stamp;

/// REQ to REP over connections that break off: each request gets one answer, its own, though it may be executed more than once.
pub fn requests_that_move(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let rep = Rep::new().expect("a socket");
    let req = Req::builder().recv_timeout(PATIENCE).reconnect(Duration::from_millis(1)..=TURN).build();
    let req = req.expect("a socket");
    place.connect(&rep, &req);
    let answering = Source::new(trial, plan, 2);
    let over = AtomicBool::new(false);
    let executed = thread::scope(|scope| {
        let _tied = Tied(vec![&req, &rep]);
        let serving = scope.spawn(|| {
            let _tied = Tied(vec![&req, &rep]);
            serve(&rep, &answering, trial.seed(), &over)
        });
        ask(&req, &Source::new(trial, plan, 1), plan.messages);
        over.store(true, Ordering::SeqCst);
        outcome(serving)
    });
    assert!(executed >= plan.messages, "an answer to a request that was never executed");
    // An answer may come before it is noted that its request left.
    let stats = settled(&req, |stats| stats.send_queue == 0);
    assert_eq!((stats.received, stats.drops.total()), (plan.messages, stats.drops.stray), "{stats:?}");
    Report::new("REQ, broken off", &place).delivered(plan.messages, plan.messages)
}

/// Answers until all is over; how many requests were executed.
fn serve(rep: &Rep, source: &Source, run: u64, over: &AtomicBool) -> u64 {
    let mut executed = 0;
    while !over.load(Ordering::SeqCst) {
        match rep.recv_timeout(TURN) {
            Ok(request) => {
                let stamp = Stamp::decode(request.message()).expect("a request as it was sent");
                assert_eq!(stamp.run, run, "a request of another trial");
                executed += 1;
                // One that has left needs no answer.
                request.reply(source.message(stamp.seq, stamp.seq)).expect("an open socket");
            }
            Err(Error::Timeout { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    executed
}
