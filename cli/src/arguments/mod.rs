//! The command line.

pub(crate) mod device;
mod groups;
pub(crate) mod perf;
mod roles;
mod seconds;
mod usage;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use groups::{Bound, Content, Endpoints, Limits, Receiving, Sending};
pub(crate) use roles::{Answerer, Asker, Pair, Receiver, Req, Role, Sender, Sub, Surveyor, Talker};
pub(crate) use usage::parse;

/// Of the help and of what the parser says, on a terminal.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Sends and receives messages of the scalability protocols (nanomsg, NNG, mangos, hubless), without a broker
#[derive(Debug, Parser)]
#[command(name = "hubless", version, after_help = AFTER_HELP, styles = STYLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Role(Role),
    /// Join peers that do not know each other: a broker or a proxy between two sides
    #[command(subcommand, after_help = device::DEVICE)]
    Device(device::Device),
    /// Measure: throughput, round trips and fan-out, over any transport
    #[command(subcommand, after_help = perf::PERF)]
    Perf(perf::Perf),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS)]
    Completions(Completions),
    /// Print the manual page, or write it and those of all roles into a folder
    #[command(after_help = MAN)]
    Man(Man),
}

/// What a shell needs to complete our command lines.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// The manual.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder; it must exist
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

/// What goes to standard error.
#[derive(Debug, Args)]
#[command(next_help_heading = "Diagnostics")]
pub(crate) struct Verbosity {
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: -v addresses and connections, -vv and -vvv what goes on inside
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

const AFTER_HELP: &str = "\
Each role needs at least one --listen or --dial; both may be repeated and mixed. It does not matter who listens, who
dials, and who is there first. `hubless ROLE --help` has the options and examples of one role; device and perf have roles of
their own.

Addresses:
  tcp://127.0.0.1:5555   tcp://[::1]:5555   tcp://host:5555
  tcp://*:5555           listen on every interface; port 0 takes a free port, which -v shows
  ipc:///tmp/jobs        a socket in the file system

Received messages go to standard output, each as soon as it arrives; everything else goes to standard error. RUST_LOG,
where it is set, takes the place of -q and -v. Colours are for terminals; NO_COLOR switches them off.

Exit status:
  0    done; also when standard output was closed by its reader
  1    an error: a wrong address, an address in use, a file that cannot be read
  2    a wrong command line
  3    a time limit was over: nothing happened for --timeout, a survey ended with fewer than --count answers,
       or push or pair still had messages to deliver after --linger
  130  Ctrl-C or SIGTERM: what was queued has been sent, within --linger; a second one ends at once

Examples:
  hubless pull --listen tcp://*:5555
  ls | hubless push --dial tcp://localhost:5555
  hubless rep --listen ipc:///tmp/echo
  hubless req --dial ipc:///tmp/echo -d hello";

const COMPLETIONS: &str = "\
Examples:
  hubless completions bash > ~/.local/share/bash-completion/completions/hubless
  hubless completions zsh > ~/.zfunc/_hubless
  hubless completions fish > ~/.config/fish/completions/hubless.fish";

const MAN: &str = "\
Examples:
  hubless man > hubless.1
  hubless man ~/.local/share/man/man1";
