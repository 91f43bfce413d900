//! How models are run.

use std::str::FromStr;

use shuttle::rand::Rng;
use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::sync::Arc;
use shuttle::thread::{self, JoinHandle};
use shuttle::{Config, MaxSteps, Runner};

/// Random orders of each kind in which a model is tried. Each mutant fails within them; the gate tries twice as many.
const RUNS: usize = 5_000;
/// Steps after which a run counts as endless.
const MOST_STEPS: usize = 20_000;
/// So that every run of the tests tries the same orders.
const SEED: u64 = 0x6d6f_6465_6c73;
/// Points at which the order is changed against the priorities.
const CHANGES: usize = 3;

/// Runs a model in random orders, and in as many more that follow random priorities: the one finds what many switches bring
/// about, the other what few do. `MODEL_RUNS` says how many, and `MODEL_SEED` which, for longer searches. A run that fails prints its
/// order, with which `MODEL_SCHEDULE` has it again.
pub(crate) fn check(model: impl Fn() + Send + Sync + Clone + 'static) {
    if let Ok(schedule) = std::env::var("MODEL_SCHEDULE") {
        return run(ReplayScheduler::new_from_encoded(&schedule), model);
    }
    let (runs, seed) = (setting("MODEL_RUNS").unwrap_or(RUNS), setting("MODEL_SEED").unwrap_or(SEED));
    run(RandomScheduler::new_from_seed(seed, runs), model.clone());
    run(PctScheduler::new_from_seed(seed, CHANGES, runs), model);
}

/// The value of a variable of the environment.
pub(crate) fn setting<T: FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
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

/// A thread that uses what it shares with others.
pub(crate) fn spawn<S: Send + Sync + 'static, T: Send + 'static>(
    shared: &Arc<S>,
    act: impl FnOnce(&Arc<S>) -> T + Send + 'static,
) -> JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || act(&shared))
}

/// What each of these threads ends with.
pub(crate) fn join_all<T>(threads: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
}

/// The mutants of a model: what each is called, what it fails with, and what is run.
macro_rules! mutants {
    ($($name:ident: $fails_with:literal => $run:expr,)+) => {$(
        #[test]
        #[should_panic(expected = $fails_with)]
        fn $name() {
            check(move || $run);
        }
    )+};
}

pub(crate) use mutants;
