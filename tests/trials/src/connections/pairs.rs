use std::thread;

use hubless::{Error, Pair};

use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::Ledger;

/// PAIR to PAIR, both ways at once, over a connection that lives: everything arrives, in order, once.
pub fn pairs(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let ends = [1, 2].map(|_| Pair::builder().recv_timeout(PATIENCE).build().expect("a socket"));
    place.connect(&ends[0], &ends[1]);
    thread::scope(|scope| {
        let running = [0, 1].map(|end| {
            let (ends, source) = (&ends, Source::new(trial, plan, u32::from(end == 1)));
            let sending = scope.spawn(move || ends[end].send_many(source.all()).map_err(Error::from));
            let receiving = scope.spawn(move || {
                let _tied = Tied(vec![&ends[0], &ends[1]]);
                take(&ends[end], trial.seed(), plan.messages);
            });
            (sending, receiving)
        });
        let (sending, receiving): (Vec<_>, Vec<_>) = running.into_iter().unzip();
        receiving.into_iter().for_each(outcome);
        for sending in sending {
            assert_eq!(outcome(sending).expect("an open socket") as u64, plan.messages);
        }
    });
    for end in &ends {
        let stats = settled(end, |stats| stats.send_queue == 0 && stats.recv_queue == 0);
        let counts = (stats.sent, stats.received, stats.drops.total());
        assert_eq!(counts, (plan.messages, plan.messages, 0), "{stats:?}");
    }
    Report::new("PAIR", &place).delivered(2 * plan.messages, 2 * plan.messages)
}

fn take(end: &Pair, run: u64, messages: u64) {
    let mut ledger = Ledger::new(run);
    while ledger.received < messages {
        let came = end.recv_many(256);
        if matches!(came, Err(Error::Closed)) {
            // The other direction has failed, and says how.
            return;
        }
        for message in came.expect("another message") {
            ledger.enter(&message).unwrap_or_else(|breach| panic!("{breach}"));
            assert_eq!(ledger.missing, 0, "a message was lost");
        }
    }
}
