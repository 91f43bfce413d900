//! The kinds of devices.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::groups::{Endpoints, Watching};
use super::roles::Hops;
use super::seconds::seconds;

/// What a device passes on.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// From pub peers (front) to sub peers (back)
    Forwarder(Joined),
    /// Between req peers (front) and rep peers (back)
    Queue(Counting),
    /// From push peers (front) to pull peers (back)
    Streamer(Joined),
    /// Between surveyor peers (front) and respondent peers (back)
    Survey(Counting),
    /// Between a pair peer (front) and one more (back)
    Pair(Pair),
    /// Between bus peers (front and back)
    Bus(Joined),
}

/// What every device has.
#[derive(Debug, Args)]
pub(crate) struct Joined {
    #[command(flatten)]
    pub(crate) sides: Sides,
    /// Disconnect peers whose messages are larger [default: 16 MiB]
    #[arg(long, value_name = "BYTES", hide_short_help = true, help_heading = "Messages")]
    pub(crate) max_message: Option<u64>,
    /// At the end, wait at most this long until all is delivered
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "10",
        hide_short_help = true,         help_heading = "Times"
    )]
    pub(crate) linger: Duration,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

/// Where the peers of both sides are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Sides {
    /// Listen on this address for the front (repeatable)
    #[arg(long, value_name = "URL")]
    front_listen: Vec<String>,
    /// Dial this address for the front (repeatable)
    #[arg(long, value_name = "URL")]
    front_dial: Vec<String>,
    /// Listen on this address for the back (repeatable)
    #[arg(long, value_name = "URL")]
    back_listen: Vec<String>,
    /// Dial this address for the back (repeatable)
    #[arg(long, value_name = "URL")]
    back_dial: Vec<String>,
}

/// Queue and survey.
#[derive(Debug, Args)]
pub(crate) struct Counting {
    #[command(flatten)]
    pub(crate) joined: Joined,
    #[command(flatten)]
    pub(crate) hops: Hops,
}

#[derive(Debug, Args)]
pub(crate) struct Pair {
    #[command(flatten)]
    pub(crate) joined: Joined,
    /// Speak version 1 of the protocol, with peers that do
    #[arg(long = "pair-v1", help_heading = "Connections")]
    pub(crate) version_1: bool,
    #[command(flatten)]
    pub(crate) hops: Hops,
}

impl Sides {
    pub(crate) fn front(&self) -> Endpoints {
        Endpoints::new(self.front_listen.clone(), self.front_dial.clone())
    }

    pub(crate) fn back(&self) -> Endpoints {
        Endpoints::new(self.back_listen.clone(), self.back_dial.clone())
    }

    pub(crate) fn has_back(&self) -> bool {
        !self.back_listen.is_empty() || !self.back_dial.is_empty()
    }
}

impl Device {
    /// What makes no sense about this device, if anything.
    pub(crate) fn nonsense(&self) -> Option<&'static str> {
        let (joined, may_reflect) = match self {
            Self::Forwarder(joined) | Self::Streamer(joined) => (joined, false),
            Self::Queue(counting) | Self::Survey(counting) => (&counting.joined, false),
            Self::Pair(pair) if pair.hops.ttl.is_some() && !pair.version_1 => {
                return Some("--ttl needs --pair-v1: version 0 of PAIR counts no hops");
            }
            Self::Pair(pair) => (&pair.joined, true),
            Self::Bus(joined) => (joined, true),
        };
        if joined.sides.front().is_empty() {
            return Some("the front has no address: give --front-listen or --front-dial");
        }
        (!may_reflect && !joined.sides.has_back())
            .then_some("the back has no address: give --back-listen or --back-dial")
    }
}
