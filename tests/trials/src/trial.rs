use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

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
