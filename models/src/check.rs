//! How models are run.

use shuttle::rand::Rng;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, MaxSteps, Runner, thread};

/// Random orders of each kind in which a model is tried.
const RUNS: usize = 10_000;
/// Steps after which a run counts as endless.
const MOST_STEPS: usize = 20_000;
/// So that every run of the tests tries the same orders. `SHUTTLE_RANDOM_SEED` gives others.
const SEED: u64 = 0x6d6f_6465_6c73;
/// Points at which the order is changed against the priorities.
const CHANGES: usize = 3;

/// Runs a model in random orders, and in as many more that follow random priorities: the one finds what many switches bring
/// about, the other what few do. `MODEL_RUNS` says how many, for longer searches.
pub(crate) fn check(model: impl Fn() + Send + Sync + Clone + 'static) {
    let runs = std::env::var("MODEL_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    run(RandomScheduler::new_from_seed(SEED, runs), model.clone());
    run(PctScheduler::new_from_seed(SEED, CHANGES, runs), model);
}

fn run(scheduler: impl Scheduler + 'static, model: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(MOST_STEPS);
    Runner::new(scheduler, config).run(model);
}

/// One of two.
pub(crate) fn perhaps() -> bool {
    shuttle::rand::thread_rng().gen_bool(0.5)
}

/// A while of unknown length.
pub(crate) fn pause() {
    while perhaps() {
        thread::yield_now();
    }
}
