//! Options that several roles have.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::seconds::seconds;
use crate::format::Format;

/// Where the peers are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
#[group(required = true, multiple = true)]
pub(crate) struct Endpoints {
    /// Take peers at this address (repeatable)
    #[arg(long, value_name = "URL")]
    pub(crate) listen: Vec<String>,
    /// Connect to this address, and again whenever the connection ends (repeatable)
    #[arg(long, value_name = "URL")]
    pub(crate) dial: Vec<String>,
}

/// A message given on the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
#[group(multiple = false)]
pub(crate) struct Content {
    /// The message
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) data: Option<OsString>,
    /// The content of this file as the message
    #[arg(short, long, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
}

/// How large what is sent may be.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Bound {
    /// Send no larger line of standard input and no larger file than this [default: 16 MiB]
    ///
    /// A larger one is an error: its end may never come. Receivers take no more than 16 MiB either, unless they are told to.
    #[arg(long, value_name = "BYTES")]
    max_input: Option<u64>,
}

impl Bound {
    pub(crate) fn bytes(self) -> u64 {
        self.max_input.unwrap_or(16 << 20)
    }
}

/// What is sent, and when; with neither `-d` nor `-f`, each line of standard input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Sending {
    #[command(flatten)]
    pub(crate) content: Content,
    #[command(flatten)]
    pub(crate) bound: Bound,
    /// Send the message of -d or -f again every so often
    #[arg(short, long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<Duration>,
    /// Before the first message wait until this many peers are connected
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) wait_peers: usize,
}

/// What is received, and how it is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Receiving {
    /// How received messages are printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Disconnect peers that send a larger message than this, headers included [default: 16 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_message: Option<u64>,
}

/// What is told while it runs.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Diagnostics")]
pub(crate) struct Watching {
    /// Show peers, rates, queues and losses on standard error every second
    ///
    /// On a terminal one line is kept up to date, unless messages are printed on the same terminal. The last line has the totals
    /// and the mean rates.
    #[arg(long)]
    pub(crate) stats: bool,
}

/// How long things may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Times")]
pub(crate) struct Limits {
    /// Give up, with status 3, when nothing could be sent or received for so long [default: never]
    ///
    /// Waiting for peers counts; waiting for standard input or for the interval does not.
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// At the end wait for so long at most until the peers have what is queued and hang up
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "10")]
    pub(crate) linger: Duration,
}
