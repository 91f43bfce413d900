//! `hubless perf`: its roles and their options.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, value_parser};

use super::seconds::seconds;

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
#[group(required = true, multiple = false)]
pub(crate) struct Place {
    /// Take peers at this address
    #[arg(long, value_name = "URL")]
    pub(crate) listen: Option<String>,
    /// Connect to this address
    #[arg(long, value_name = "URL")]
    pub(crate) dial: Option<String>,
}

/// The messages; the same at both ends.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Load {
    /// Bytes of a message
    #[arg(long, value_name = "B", value_parser = size)]
    pub(crate) size: usize,
    /// Messages that are measured; a twentieth more, at most 20000, come before them as a warm-up
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=MOST_MESSAGES))]
    pub(crate) count: u64,
}

/// How messages are handed over.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Batch {
    /// Messages in one call: 1 is `send` and `recv`, more is `send_many` and `recv_many`
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = value_parser!(u32).range(1..))]
    pub(crate) batch: u32,
}

/// How many sockets there are, here and at the other end.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Lanes {
    /// Open this many sockets, each with its own connection to --dial; together they move --count messages
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = value_parser!(u16).range(1..))]
    pub(crate) sockets: u16,
    /// How many sockets of the other end connect to this one
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = value_parser!(u16).range(1..))]
    pub(crate) peers: u16,
}

/// For the roles that are started first and wait for the others.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct First {
    #[command(flatten)]
    pub(crate) pinning: Pinning,
    /// Give up, with status 3, when no peer came or nothing was sent or received for so long [default: never]
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, help_heading = "Conditions")]
    pub(crate) timeout: Option<Duration>,
}

/// For the roles whose peers are there already.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Second {
    #[command(flatten)]
    pub(crate) pinning: Pinning,
    /// Give up, with status 3, when no peer came or nothing was sent or received for so long
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "30",
        help_heading = "Conditions"
    )]
    pub(crate) timeout: Duration,
}

/// Where it runs.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Pinning {
    /// Run on this processor alone, with all threads
    #[arg(long, value_name = "CPU", help_heading = "Conditions")]
    pub(crate) pin: Option<usize>,
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
#[command(after_help = PULL)]
pub(crate) struct Pull {
    #[command(flatten)]
    pub(crate) pipeline: Pipeline,
    #[command(flatten)]
    pub(crate) first: First,
}

#[derive(Debug, Args)]
#[command(after_help = PUSH)]
pub(crate) struct Push {
    #[command(flatten)]
    pub(crate) pipeline: Pipeline,
    #[command(flatten)]
    pub(crate) second: Second,
}

#[derive(Debug, Args)]
#[command(after_help = REP)]
pub(crate) struct Rep {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) first: First,
}

#[derive(Debug, Args)]
#[command(after_help = REQ)]
pub(crate) struct Req {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) second: Second,
}

#[derive(Debug, Args)]
#[command(after_help = PUB)]
pub(crate) struct Publisher {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) batch: Batch,
    /// Wait for this many subscribers before the first message
    #[arg(long, value_name = "P", value_parser = value_parser!(u16).range(1..), help_heading = "Connections")]
    pub(crate) peers: u16,
    /// What to do with a message for a subscriber whose queue is full
    #[arg(long, value_enum, value_name = "POLICY", default_value_t = Overflow::DropNewest, help_heading = "Messages")]
    pub(crate) overflow: Overflow,
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
#[command(after_help = SUB)]
pub(crate) struct Subscribers {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    /// Open this many subscribers, each with its own connection to --dial; each gets every message
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = value_parser!(u16).range(1..), help_heading = "Connections")]
    pub(crate) sockets: u16,
    #[command(flatten)]
    pub(crate) second: Second,
}

#[derive(Debug, Args)]
#[command(after_help = INPROC_THR)]
pub(crate) struct InprocThroughput {
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) batch: Batch,
    #[command(flatten)]
    pub(crate) pinning: Pinning,
}

#[derive(Debug, Args)]
#[command(after_help = INPROC_LAT)]
pub(crate) struct InprocLatency {
    #[command(flatten)]
    pub(crate) load: Load,
    #[command(flatten)]
    pub(crate) pinning: Pinning,
}

impl Perf {
    /// What makes no sense about it, if anything.
    pub(super) fn nonsense(&self) -> Option<&'static str> {
        let (place, lanes) = match self {
            Self::Pull(Pull { pipeline, .. }) | Self::Push(Push { pipeline, .. }) => {
                if pipeline.lanes.sockets.max(pipeline.lanes.peers) > 1 && pipeline.load.size < LANED {
                    return Some(
                        "--sockets and --peers need a --size of 8 at least: a message tells its sender's socket",
                    );
                }
                (&pipeline.place, pipeline.lanes.sockets)
            }
            Self::Rep(rep) => (&rep.place, 1),
            Self::Req(req) => (&req.place, 1),
            Self::Pub(publisher) => (&publisher.place, 1),
            Self::Sub(subscribers) => (&subscribers.place, subscribers.sockets),
            Self::InprocThr(_) | Self::InprocLat(_) => return None,
        };
        if lanes > 1 && place.listen.is_some() {
            return Some("--sockets needs --dial: one address can be listened on once");
        }
        place.is_inproc().then_some("inproc does not leave the process: inproc-thr and inproc-lat measure it")
    }
}

impl Place {
    fn is_inproc(&self) -> bool {
        self.listen.iter().chain(&self.dial).any(|address| address.starts_with("inproc:"))
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

pub(super) const PERF: &str = "\
Each role prints one line of JSON when it is done; on a terminal, standard error shows how far it is until then. Start the
role that is named first, then the other; push and pull, and pub and sub, with the same --size and --count:
  pull, then push      messages one way
  rep, then req        round trips, one at a time
  pub, then sub        one sender, many receivers
  inproc-thr           push and pull between two threads
  inproc-lat           req and rep between two threads

Keys, null where a role has no such figure:
  pattern, role, transport, size, count    what was measured; count is without the warm-up
  seconds                                  from the first message after the warm-up to the last
  msgs_per_s, mb_per_s                     count over seconds, and that in 10^6 bytes; round trips count once
  p50_us, p90_us, p99_us, p999_us, mean_us of a round trip
  cpu_user_s, cpu_sys_s                    processor time of this process in the measured part
  dropped                                  messages lost as their pattern has it
  bad                                      messages that came damaged, out of order or twice, or should have come and did not

A `bad` above 0 ends with status 1. `hubless perf ROLE --help` has the options and examples of one role.";

const PULL: &str = "\
The time runs from the first message after the warm-up to the last. When the senders leave before, what is missing is in
`bad`.

Examples:
  hubless perf pull --listen tcp://127.0.0.1:5555 --size 64 --count 5000000
  hubless perf pull --listen tcp://127.0.0.1:5555 --size 64 --count 5000000 --batch 256 --pin 0
  hubless perf pull --listen tcp://127.0.0.1:5555 --size 64 --count 5000000 --peers 8     # for push --sockets 8
  hubless perf pull --dial tcp://127.0.0.1:5555 --size 64 --count 5000000 --sockets 8     # for push --peers 8";

const PUSH: &str = "\
The time runs from the first message after the warm-up until the last was handed to the system. Every message is made anew and
carries its number.

Examples:
  hubless perf push --dial tcp://127.0.0.1:5555 --size 64 --count 5000000
  hubless perf push --dial tcp://127.0.0.1:5555 --size 64 --count 5000000 --batch 64 --pin 1
  hubless perf push --dial tcp://127.0.0.1:5555 --size 64 --count 5000000 --sockets 8
  hubless perf push --listen tcp://127.0.0.1:5555 --size 64 --count 5000000 --peers 8";

const REP: &str = "\
Answers every request with itself, until the last peer has left.

Examples:
  hubless perf rep --listen tcp://127.0.0.1:5555
  hubless perf rep --listen ipc:///tmp/perf --pin 0";

const REQ: &str = "\
A figure without --pin says little: two ends that share a processor are several times as fast as two that wake each other
across processors, and the system moves them as it likes.

Examples:
  hubless perf req --dial tcp://127.0.0.1:5555 --size 64 --count 100000
  hubless perf req --dial ipc:///tmp/perf --size 64 --count 100000 --pin 0";

const PUB: &str = "\
The time runs until the last message was taken by the socket; `dropped` counts each message for each subscriber that did
not get it. In the end it repeats an end marker until all subscribers have left.

Examples:
  hubless perf pub --listen tcp://127.0.0.1:5555 --size 64 --count 1000000 --peers 8
  hubless perf pub --listen tcp://127.0.0.1:5555 --size 64 --count 1000000 --peers 8 --overflow block";

const SUB: &str = "\
`count` and the rates are of delivered messages, of all sockets together; `dropped` counts those that a socket did not get.

Examples:
  hubless perf sub --dial tcp://127.0.0.1:5555 --size 64 --count 1000000 --sockets 8";

const INPROC_THR: &str = "\
Examples:
  hubless perf inproc-thr --size 64 --count 5000000
  hubless perf inproc-thr --size 64 --count 5000000 --batch 256";

const INPROC_LAT: &str = "\
Examples:
  hubless perf inproc-lat --size 64 --count 100000
  hubless perf inproc-lat --size 64 --count 100000 --pin 0";
