//! `hubless`: sends and receives messages from the command line.

mod arguments;
mod clock;
mod connections;
mod crossing;
mod device;
mod ending;
mod exit;
mod format;
mod input;
mod interrupt;
mod logging;
mod losses;
mod output;
mod perf;
mod progress;
mod reference;
mod roles;
mod session;
mod sockets;
mod traffic;

use std::process::ExitCode;

use crate::arguments::Command;

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
    outcome.report();
    outcome.status()
}
