//! `hubless perf`: its roles and their options.

use std::borrow::Cow;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, value_parser};

use super::groups::Endpoints;
use super::seconds::seconds;
use super::side::Side;
use super::usage;

/// What is measured, and at which end.
#[derive(Debug, Subcommand)]
pub(crate) enum Perf {
    /// Throughput, receiving end; start it first
    Pull(Pull),
    /// Throughput, sending end
    Push(Push),
    /// Round trips, answering end; start it first
    Rep(Rep),
    /// Round trips, asking end, which measures
    Req(Req),
    /// Fan-out, publishing end; start it first
    Pub(Publisher),
    /// Fan-out, receiving end: any number of subscribers in one process
    Sub(Subscribers),
    /// Throughput between two threads of one process
    InprocThr(InprocThroughput),
    /// Round trips between two threads of one process
    InprocLat(InprocLatency),
}

/// Where the other end is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
#[group(multiple = false)]
pub(crate) struct Place {
    /// Listen on this address, or dial it, as the role does by default
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// Listen on this address
    #[arg(long, value_name = "URL", alias = "bind")]
    pub(crate) listen: Option<String>,
    /// Dial this address
    #[arg(long, value_name = "URL", alias = "connect")]
    pub(crate) dial: Option<String>,
}

/// The messages; the same at both ends.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Load {
    /// Bytes of a message
    #[arg(long, value_name = "B", value_parser = size)]
    pub(crate) size: usize,
    /// Messages to measure, after a warm-up of 5 % more
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=MOST_MESSAGES))]
    pub(crate) count: u64,
}

/// How messages are handed over.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Batch {
    /// Messages in one call
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = value_parser!(u32).range(1..))]
    pub(crate) batch: u32,
}

/// How many sockets there are, here and at the other end.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Lanes {
    /// Open this many sockets, which share --count
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = value_parser!(u16).range(1..))]
    pub(crate) sockets: u16,
    /// Wait for this many sockets of the other end
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = value_parser!(u16).range(1..))]
    pub(crate) peers: u16,
}

/// For the roles that are started first and wait for the others.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct First {
    #[command(flatten)]
    pub(crate) running: Running,
    /// Give up if nothing comes or goes this long
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, help_heading = "Conditions")]
    pub(crate) timeout: Option<Duration>,
}

/// For the roles whose peers are there already.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Second {
    #[command(flatten)]
    pub(crate) running: Running,
    /// Give up if nothing comes or goes this long
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "30",
        help_heading = "Conditions"
    )]
    pub(crate) timeout: Duration,
}

/// Where it runs, and how it prints.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Running {
    /// Run all threads on this CPU
    #[arg(long, value_name = "CPU", help_heading = "Conditions")]
    pub(crate) pin: Option<usize>,
    /// Print one line of JSON, on a terminal too
    #[arg(long, help_heading = "Diagnostics")]
    pub(crate) json: bool,
}

/// What a sender does between two messages.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Conditions")]
pub(crate) struct Work {
    /// Compute for this many nanoseconds before each message
    #[arg(long, value_name = "NS", value_parser = value_parser!(u64).range(..=1_000_000_000))]
    pub(crate) work: Option<u64>,
}

/// What push and pull have in common.
#[derive(Debug, Args)]
pub(crate) struct Pipeline {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) batch: Batch,
    #[command(flatten)]
    pub(crate) lanes: Lanes,
}

#[derive(Debug, Args)]
pub(crate) struct Pull {
    #[command(flatten)]
    pub(crate) pipeline: Pipeline,
    #[command(flatten)]
    pub(crate) first: First,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    #[command(flatten)]
    pub(crate) pipeline: Pipeline,
    #[command(flatten)]
    pub(crate) work: Work,
    #[command(flatten)]
    pub(crate) second: Second,
}

#[derive(Debug, Args)]
pub(crate) struct Rep {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) first: First,
}

#[derive(Debug, Args)]
pub(crate) struct Req {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) work: Work,
    #[command(flatten)]
    pub(crate) second: Second,
}

#[derive(Debug, Args)]
pub(crate) struct Publisher {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) batch: Batch,
    /// Wait for this many subscribers first
    #[arg(long, value_name = "P", value_parser = value_parser!(u16).range(1..), help_heading = "Connections")]
    pub(crate) peers: u16,
    /// When full: drop-newest (default), drop-oldest, block
    #[arg(
        long, value_enum, value_name = "POLICY", default_value_t = Overflow::DropNewest, hide_possible_values = true,
        hide_default_value = true, help_heading = "Messages"
    )]
    pub(crate) overflow: Overflow,
    #[command(flatten)]
    pub(crate) work: Work,
    #[command(flatten)]
    pub(crate) first: First,
}

/// What a publisher does when a subscriber's queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Overflow {
    /// The message is not for it
    DropNewest,
    /// The oldest that waits gives way
    DropOldest,
    /// The publisher waits
    Block,
}

impl From<Overflow> for hubless::Overflow {
    fn from(overflow: Overflow) -> Self {
        match overflow {
            Overflow::DropNewest => Self::DropNewest,
            Overflow::DropOldest => Self::DropOldest,
            Overflow::Block => Self::Block,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Subscribers {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    /// Open this many subscribers
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = value_parser!(u16).range(1..), help_heading = "Connections")]
    pub(crate) sockets: u16,
    #[command(flatten)]
    pub(crate) second: Second,
}

#[derive(Debug, Args)]
pub(crate) struct InprocThroughput {
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) batch: Batch,
    #[command(flatten)]
    pub(crate) work: Work,
    #[command(flatten)]
    pub(crate) running: Running,
}

#[derive(Debug, Args)]
pub(crate) struct InprocLatency {
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) work: Work,
    #[command(flatten)]
    pub(crate) running: Running,
}

impl Perf {
    /// What makes no sense about it, if anything.
    pub(super) fn nonsense(&self) -> Option<Cow<'static, str>> {
        let lanes = match self {
            Self::Pull(Pull { pipeline, .. }) | Self::Push(Push { pipeline, .. }) => {
                if pipeline.lanes.sockets.max(pipeline.lanes.peers) > 1 && pipeline.load.size < LANED {
                    return Some(
                        "--sockets and --peers need --size 8 or more: a message tells its sender's socket"
                            .into(),
                    );
                }
                pipeline.lanes.sockets
            }
            Self::Sub(subscribers) => subscribers.sockets,
            _ => 1,
        };
        let (name, place) = self.place()?;
        if place.url.is_none() && place.listen.is_none() && place.dial.is_none() {
            return Some(usage::no_address(&format!("perf {name}"), Side::of_role(name)).into());
        }
        if lanes > 1 && place.listens(Side::of_role(name)) {
            return Some("--sockets needs --dial: an address can be listened on once".into());
        }
        place
            .is_inproc()
            .then_some("inproc does not leave the process: inproc-thr and inproc-lat measure it".into())
    }

    /// The name of the role, and its address.
    fn place(&self) -> Option<(&'static str, &Place)> {
        Some(match self {
            Self::Pull(pull) => ("pull", &pull.pipeline.place),
            Self::Push(push) => ("push", &push.pipeline.place),
            Self::Rep(rep) => ("rep", &rep.place),
            Self::Req(req) => ("req", &req.place),
            Self::Pub(publisher) => ("pub", &publisher.place),
            Self::Sub(subscribers) => ("sub", &subscribers.place),
            Self::InprocThr(_) | Self::InprocLat(_) => return None,
        })
    }
}

impl Place {
    /// The address: to be listened on, or dialed, as is said or as the role with this side does by default.
    pub(crate) fn endpoints(self, default: Side) -> Endpoints {
        let (mut listen, mut dial) = (Vec::from_iter(self.listen), Vec::from_iter(self.dial));
        if let Some(url) = self.url {
            match default.of(&url) {
                Side::Listens => listen.push(url),
                Side::Dials => dial.push(url),
            }
        }
        Endpoints::new(listen, dial)
    }

    fn listens(&self, default: Side) -> bool {
        self.listen.is_some() || self.url.as_ref().is_some_and(|url| default.of(url) == Side::Listens)
    }

    fn is_inproc(&self) -> bool {
        [&self.url, &self.listen, &self.dial].into_iter().flatten().any(|url| url.starts_with("inproc:"))
    }
}

/// From this size on a message tells which socket it is from.
const LANED: usize = 8;

/// A message knows its number in 48 bits.
const MOST_MESSAGES: u64 = 1 << 47;

/// Beyond, a message is no longer something to measure messages with.
const MOST_BYTES: usize = 256 << 20;

fn size(text: &str) -> Result<usize, String> {
    let bytes = text.parse().map_err(|_| "it is not a number of bytes, such as 64".to_owned())?;
    if bytes > MOST_BYTES {
        return Err(format!("{MOST_BYTES} is the most"));
    }
    Ok(bytes)
}
