//! The command line.

mod delimiter;
pub(crate) mod device;
mod groups;
mod help;
pub(crate) mod perf;
mod roles;
mod seconds;
mod side;
mod usage;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use delimiter::Delimiter;
#[cfg(test)]
pub(crate) use delimiter::delimiter;
pub(crate) use groups::{
    Bound, Content, Endpoints, Limits, Receiving, Sending, Separation, Verbosity, Watching,
};
pub(crate) use help::{Detail, command};
pub(crate) use roles::{Asker, Pair, Receiver, Replier, Req, Role, Sender, Sub, Surveyor, Talker};
pub(crate) use side::Side;
pub(crate) use usage::parse;

/// Send and receive messages of the scalability protocols (nanomsg, NNG, hubless)
#[derive(Debug, Parser)]
#[command(
    name = "hubless",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = "Diagnostics")]
    version: Option<bool>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Role(Role),
    /// Join peers that do not know each other: a broker or a proxy
    #[command(subcommand)]
    Device(device::Device),
    /// Measure throughput, round trips and fan-out
    #[command(subcommand)]
    Perf(perf::Perf),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page, or write all of them into a folder
    Man(Man),
}

/// What a shell needs to complete our command lines.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// The manual.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder, which exists
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
