//! Options that several roles have.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueHint, value_parser};

use super::delimiter::{Delimiter, delimiter};
use super::seconds::seconds;
use super::side::Side;
use crate::format::Format;

/// Where the peers are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Endpoints {
    /// Listen on this address, or dial it, as the role does by default
    #[arg(value_name = "URL")]
    urls: Vec<String>,
    /// Listen on this address (repeatable)
    #[arg(long, value_name = "URL", alias = "bind")]
    pub(crate) listen: Vec<String>,
    /// Dial this address (repeatable)
    #[arg(long, value_name = "URL", alias = "connect")]
    pub(crate) dial: Vec<String>,
}

impl Endpoints {
    pub(crate) fn new(listen: Vec<String>, dial: Vec<String>) -> Self {
        Self { urls: Vec::new(), listen, dial }
    }

    /// Has the addresses without an option listened on or dialed, as a role does that has this side by default.
    pub(super) fn settle(&mut self, default: Side) {
        for url in std::mem::take(&mut self.urls) {
            match default.of(&url) {
                Side::Listens => self.listen.push(url),
                Side::Dials => self.dial.push(url),
            }
        }
    }

    /// What stands where an address should, and is none.
    pub(super) fn text(&self) -> Option<&str> {
        self.urls.iter().map(String::as_str).find(|url| !url.contains("://"))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.urls.is_empty() && self.listen.is_empty() && self.dial.is_empty()
    }
}

/// A message given on the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
#[group(multiple = false)]
pub(crate) struct Content {
    /// Send this text
    #[arg(short, long, value_name = "TEXT", short_alias = 'D', allow_hyphen_values = true)]
    pub(crate) data: Option<OsString>,
    /// Send this file as one message; - is standard input
    #[arg(short, long, value_name = "PATH", short_alias = 'F', value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

impl Content {
    pub(super) fn is_empty(&self) -> bool {
        self.data.is_none() && self.file.is_none()
    }
}

/// How large what is sent may be.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Bound {
    /// Fail if a message to send is larger than this [default: 16 MiB]
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    max_input: Option<u64>,
}

impl Bound {
    pub(crate) fn bytes(self) -> u64 {
        self.max_input.unwrap_or(16 << 20)
    }
}

/// What is between two messages.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Separation {
    /// What ends a message, read or printed, such as \0 [default: \n]
    #[arg(long, value_name = "TEXT", value_parser = delimiter, allow_hyphen_values = true, hide_short_help = true)]
    pub(crate) delimiter: Option<Delimiter>,
}

/// What is sent, and when; with neither `-d` nor `-f`, each line of standard input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Sending {
    #[command(flatten)]
    pub(crate) content: Content,
    #[command(flatten)]
    pub(crate) bound: Bound,
    /// Repeat the message of -d or -f this often
    #[arg(short, long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<Duration>,
    /// Wait for this many peers first
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Times")]
    pub(crate) wait_peers: usize,
    /// Once the peers are there, wait this long before the first message
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, hide_short_help = true,
        help_heading = "Times"
    )]
    pub(crate) delay: Option<Duration>,
}

/// What is received, and how it is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Receiving {
    /// As text (default), quoted, hex, json, raw, msgpack
    #[arg(
        long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) format: Format,
    /// Print when each message came, in UTC
    #[arg(short, long)]
    pub(crate) time: bool,
    /// Disconnect peers whose messages are larger [default: 16 MiB]
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    pub(crate) max_message: Option<u64>,
}

/// When it is enough. The role says what is counted, and what the default is.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Enough {
    /// Stop after this many messages
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
}

/// How long things may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Times")]
pub(crate) struct Limits {
    /// Give up if nothing comes or goes this long
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// At the end, wait at most this long until all is delivered
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "10",
        hide_short_help = true
    )]
    pub(crate) linger: Duration,
}

/// What is shown while it runs.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Diagnostics")]
pub(crate) struct Watching {
    /// Show peers, rates, queues and losses every second
    #[arg(long)]
    pub(crate) stats: bool,
}

/// What goes to standard error.
#[derive(Debug, Args)]
#[command(next_help_heading = "Diagnostics")]
pub(crate) struct Verbosity {
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", hide_short_help = true)]
    pub(crate) quiet: bool,
    /// Print addresses and connections; -vv, -vvv: more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print help: -h the usual options, --help all of it
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}
