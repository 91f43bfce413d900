//! Plays a part in a trial: `actor PART WORDS...`.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts, for the parts that are to leave no memory behind.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let mut words = std::env::args().skip(1);
    let part = words.next().unwrap_or_default();
    hubless_trials::actors::play(&part, &words.collect::<Vec<_>>());
}
