//! The kinds of devices.

use std::time::Duration;

use clap::{Args, Subcommand, value_parser};

use super::groups::{Endpoints, Watching};
use super::seconds::seconds;

/// What a device passes on.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// News: pub peers at the front, sub peers at the back, each of which gets everything
    Forwarder(Joined),
    /// Requests and their answers: req peers at the front, rep peers at the back, which share the requests
    Queue(Counting),
    /// Work: push peers at the front, pull peers at the back, which share it
    Streamer(Joined),
    /// Surveys and their answers: surveyor peers at the front, respondent peers at the back, all of whom are asked
    Survey(Counting),
    /// Talk between two: a pair peer at the front and one at the back; without a back, one that hears itself
    Pair(Pair),
    /// Talk among many: bus peers at the front and at the back; without a back, all of the front hear one another
    Bus(Joined),
}

/// What every device has.
#[derive(Debug, Args)]
pub(crate) struct Joined {
    #[command(flatten)]
    pub(crate) sides: Sides,
    /// Disconnect peers that send a larger message than this, headers included [default: 16 MiB]
    #[arg(long, value_name = "BYTES", help_heading = "Messages")]
    pub(crate) max_message: Option<u64>,
    /// At the end wait for so long at most until the peers have what is queued and hang up
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "10",
        help_heading = "Times"
    )]
    pub(crate) linger: Duration,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

/// Where the peers of both sides are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Sides {
    /// Take peers of the front at this address (repeatable)
    #[arg(long, value_name = "URL", required_unless_present = "front_dial")]
    front_listen: Vec<String>,
    /// Connect to this peer of the front, and again whenever the connection ends (repeatable)
    #[arg(long, value_name = "URL")]
    front_dial: Vec<String>,
    /// Take peers of the back at this address (repeatable)
    #[arg(long, value_name = "URL")]
    back_listen: Vec<String>,
    /// Connect to this peer of the back, and again whenever the connection ends (repeatable)
    #[arg(long, value_name = "URL")]
    back_dial: Vec<String>,
}

/// Queue and survey.
#[derive(Debug, Args)]
pub(crate) struct Counting {
    #[command(flatten)]
    pub(crate) joined: Joined,
    /// Drop what has come over more hops than this, 1 to 15 [default: 8]
    #[arg(long, value_name = "HOPS", value_parser = value_parser!(u8).range(1..=15), help_heading = "Connections")]
    pub(crate) ttl: Option<u8>,
}

#[derive(Debug, Args)]
pub(crate) struct Pair {
    #[command(flatten)]
    pub(crate) joined: Joined,
    /// Speak version 1 of the protocol, with peers that do
    #[arg(long = "pair-v1", help_heading = "Connections")]
    pub(crate) version_1: bool,
    /// With --pair-v1: drop what has come over more hops than this, 1 to 15 [default: 8]
    #[arg(long, value_name = "HOPS", value_parser = value_parser!(u8).range(1..=15), help_heading = "Connections")]
    pub(crate) ttl: Option<u8>,
}

impl Sides {
    pub(crate) fn front(&self) -> Endpoints {
        Endpoints { listen: self.front_listen.clone(), dial: self.front_dial.clone() }
    }

    pub(crate) fn back(&self) -> Endpoints {
        Endpoints { listen: self.back_listen.clone(), dial: self.back_dial.clone() }
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
            Self::Pair(pair) if pair.ttl.is_some() && !pair.version_1 => {
                return Some("--ttl needs --pair-v1: version 0 of PAIR counts no hops");
            }
            Self::Pair(pair) => (&pair.joined, true),
            Self::Bus(joined) => (joined, true),
        };
        (!may_reflect && !joined.sides.has_back())
            .then_some("it passes nothing on without a back: --back-listen or --back-dial is needed")
    }
}

pub(super) const DEVICE: &str = "\
A device stands between peers that do not know each other. The front is the side of those who begin: req, pub, push,
surveyor. Both sides listen and dial any number of addresses, over any transports. It holds nothing but its buffers: when
the back has no room the front is no longer read, and who sends feels it; where a pattern drops instead, that is counted.

It runs until Ctrl-C or SIGTERM, and then tells on standard error how many messages it has passed on and dropped. Devices
may be chained; queue, survey and pair --pair-v1 drop what goes round in a ring of them after --ttl hops, the others do
not.

Examples:
  hubless device queue --front-listen tcp://*:5555 --back-listen tcp://*:5556
  hubless device forwarder --front-dial tcp://far:5555 --back-listen ipc:///tmp/news
  hubless device bus --front-listen tcp://*:5557 --stats";
