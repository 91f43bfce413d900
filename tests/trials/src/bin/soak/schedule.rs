use std::panic::{AssertUnwindSafe, catch_unwind};

use hubless_kit::now;
use hubless_trials::{ProcessResources, Trial};

use crate::stages::Stage;
use crate::tally::Tally;

/// Holds the stage whose turn it is. One that fails does not keep the others from being held.
///
/// It is the one that has had the smallest part of the times that are meant for it, so that all are held before one is held again,
/// and those that are long or short of their figures do not wait for the end.
pub(crate) fn hold_next(stages: &[Stage], seed: u64, tally: &mut Tally) {
    let places = 0..stages.len();
    let Some(place) = places.min_by(|one, other| {
        let [one, other] = [(*one, *other), (*other, *one)];
        (tally.times(one.0) * stages[one.1].times).cmp(&(tally.times(other.0) * stages[other.1].times))
    }) else {
        return;
    };
    let (stage, seed) = (&stages[place], seed + tally.times(place));
    let began = now();
    let trial = Trial::from_seed(stage.name, seed);
    // What a stage holds is dropped with its panic; nothing of it is used again.
    let held = catch_unwind(AssertUnwindSafe(|| (stage.hold)(&trial))).ok();
    let took = began.elapsed();
    let words = held.as_ref().map_or("FAILED", |held| &held.words);
    println!("seed {seed}, {} ({:.1} s): {words}", stage.name, took.as_secs_f64());
    tally.enter(place, seed, took, held);
    if tally.all_were_held() {
        tally.trend.note(now(), ProcessResources::at_rest());
    }
}
