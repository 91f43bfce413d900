//! All trials, again and again from new seeds, for as long as is asked for: `soak --minutes 60 --seed 1`. What it did goes to the
//! output as a table; to run it in earnest use `tests/soak/run` of the repository.

mod schedule;
mod stages;
mod tally;

use std::alloc::System;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use hubless_kit::now;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::tally::Tally;

/// Counts, so that a leak shows that is too small to be seen in what is resident.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Holds all trials in turn, from new seeds each time, until the time is over.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long, in minutes; the stage that is under way then is finished. In three hours all figures of the programme are reached.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// The seed of each stage when it is held first; each further time it has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the stages whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stages: Vec<_> =
        stages::all().into_iter().filter(|stage| stage.name.contains(&arguments.only)).collect();
    if stages.is_empty() {
        eprintln!("no stage is called {:?}; there are:", arguments.only);
        for stage in stages::all() {
            eprintln!("  {}", stage.name);
        }
        return ExitCode::from(2);
    }
    let end = now() + Duration::from_secs(arguments.minutes * 60);
    let mut tally = Tally::new(&stages);
    loop {
        schedule::hold_next(&stages, arguments.seed, &mut tally);
        if now() >= end {
            break;
        }
    }
    println!("{tally}");
    if tally.failures == 0 && !tally.trend.is_leak() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
