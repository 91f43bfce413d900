use std::panic::{AssertUnwindSafe, catch_unwind};

use hubless_trials::{Gauge, Trial, now};

use crate::stages::Stage;
use crate::tally::Tally;

/// Holds each stage whose turn it is once, from this seed. One that fails does not keep the others from being held.
pub(crate) fn hold(stages: &[Stage], seed: u64, tally: &mut Tally) {
    for (place, stage) in stages.iter().enumerate() {
        if !seed.is_multiple_of(stage.every) && tally.was_held(place) {
            continue;
        }
        let began = now();
        let trial = Trial::from_seed(stage.name, seed);
        // What a stage holds is dropped with its panic; nothing of it is used again.
        let held = catch_unwind(AssertUnwindSafe(|| (stage.hold)(&trial))).ok();
        let took = began.elapsed();
        let words = held.as_ref().map_or("FAILED", |held| &held.words);
        println!("seed {seed}, {} ({:.1} s): {words}", stage.name, took.as_secs_f64());
        tally.enter(place, seed, took, held);
    }
    tally.drift.note(now(), Gauge::own());
}
