//! The same work done by raw sockets, hubless and its peers, on one machine and in one run.

mod args;
mod contestant;
mod end;
mod measure;
mod peers;
mod place;
mod report;
mod run;
mod system;
mod works;

use clap::Parser;

use args::{Args, Command};

/// Why something could not be done.
type Error = Box<dyn std::error::Error + Send + Sync>;

type Outcome<T> = Result<T, Error>;

fn main() -> Outcome<()> {
    match Args::parse().command {
        Command::Run(args) => run::run(&args),
        Command::End { order } => end::run(serde_json::from_str(&order)?),
    }
}
