//! `hubless`: sends and receives messages from the command line.

mod arguments;
mod clock;
mod complaints;
mod connections;
mod crossing;
mod device;
mod ending;
mod exec;
mod exit;
mod figures;
mod format;
mod input;
mod interrupt;
mod json;
mod logging;
mod losses;
mod output;
mod perf;
mod progress;
mod reference;
mod roles;
mod session;
mod sockets;
mod timestamp;
mod traffic;

use std::process::ExitCode;
use std::time::Duration;

use crate::arguments::Command;
use crate::exit::Outcome;

fn main() -> ExitCode {
    let arguments = arguments::parse().unwrap_or_else(|error| error.exit());
    logging::start(&arguments.verbosity);
    let outcome = match arguments.command {
        Command::Role(role) => roles::run(role),
        Command::Device(kind) => device::run(kind),
        Command::Perf(measured) => perf::run(measured),
        Command::Completions(completions) => reference::completions(&completions),
        Command::Man(man) => reference::man(&man),
    };
    exec::kill_all();
    // What was left open on the way out is closed in order: socket files go away.
    hubless::close_all(Duration::from_secs(1));
    outcome.report();
    if let Outcome::Interrupted(signal) = outcome {
        signal.raise();
    }
    outcome.status()
}
