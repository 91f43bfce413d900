//! All trials, again and again from new seeds, for as long as is asked for: `soak --minutes 60 --seed 1`. What it did goes to the
//! output as a table; whoever runs it in earnest uses `tests/soak/run` of the repository.

mod drift;
mod round;
mod stages;
mod tally;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use hubless_trials::now;

use crate::tally::Tally;

/// Holds all trials in turn, from new seeds each time, until the time is over.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long, in minutes; the round that is under way then is finished.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// The seed of the first round; each further one has the next.
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
    let mut seed = arguments.seed;
    while seed == arguments.seed || now() < end {
        round::hold(&stages, seed, &mut tally);
        seed += 1;
    }
    println!("{tally}");
    if tally.failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
