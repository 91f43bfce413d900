use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What is to happen soon has happened by then, on however busy a machine.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// One trial. If it fails, it says from which seed, so that it can be held again.
#[derive(Debug)]
pub struct Trial {
    /// What is tried.
    pub stage: &'static str,
    seed: u64,
    /// Whether anything came from the seed. Of some trials nothing does, and to name theirs would promise what is not so.
    used: AtomicBool,
}

impl Trial {
    /// A trial from the seed in `TRIAL_SEED`, or from the same one each time.
    ///
    /// # Panics
    ///
    /// When `TRIAL_SEED` is no number.
    pub fn new(stage: &'static str) -> Self {
        let seed = std::env::var("TRIAL_SEED").ok().map(|text| text.parse().expect("TRIAL_SEED is a number"));
        Self::from_seed(stage, seed.unwrap_or(1))
    }

    /// A trial from this seed.
    pub fn from_seed(stage: &'static str, seed: u64) -> Self {
        Self { stage, seed, used: AtomicBool::new(false) }
    }

    /// What all chance in it follows from.
    pub fn seed(&self) -> u64 {
        self.used.store(true, Ordering::Relaxed);
        self.seed
    }

    /// Chance. Each part of a trial that takes from it has another one, so that they do not depend on which is first.
    pub fn chance(&self, part: u64) -> fastrand::Rng {
        let mut first = fastrand::Rng::with_seed(self.seed());
        fastrand::Rng::with_seed(first.u64(..) ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let Self { stage, seed, used } = self;
        if !thread::panicking() {
        } else if *used.get_mut() {
            eprintln!("SEED={seed} STAGE={stage} (again: TRIAL_SEED={seed})");
        } else {
            eprintln!("STAGE={stage} (nothing of it came from a seed)");
        }
    }
}

/// The time.
#[expect(clippy::disallowed_methods, reason = "trials have no clock of the engine")]
pub fn now() -> Instant {
    Instant::now()
}

/// Whether a condition comes to hold within this time.
pub fn holds_within(time: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = now() + time;
    loop {
        if condition() {
            return true;
        }
        if now() > end {
            return false;
        }
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// Waits until a condition holds, which it soon does.
///
/// # Panics
///
/// When it does not.
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    assert!(holds_within(SOON, condition), "{what}: not within {SOON:?}");
}
