//! The roles, each with the options that make sense for it.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand, value_parser};

use super::groups::{Bound, Content, Endpoints, Limits, Receiving, Sending, Watching};
use super::seconds::seconds;

/// The side of a pattern that is taken.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Ask: each message goes to one rep, whose answer is printed
    #[command(after_help = REQ)]
    Req(Req),
    /// Answer requests, with a fixed text or with their own (echo), and print them
    #[command(after_help = REP)]
    Rep(Replier),
    /// Publish: each message goes to every connected sub
    #[command(name = "pub", after_help = PUB)]
    Pub(Sender),
    /// Subscribe: print what is published and begins with a subscribed prefix
    #[command(after_help = SUB)]
    Sub(Sub),
    /// Send down a pipeline: each message goes to one pull
    #[command(after_help = PUSH)]
    Push(Sender),
    /// Receive from a pipeline: print the messages
    #[command(after_help = PULL)]
    Pull(Receiver),
    /// Ask everybody: each message goes to every connected respondent, whose answers are printed until the deadline
    #[command(after_help = SURVEYOR)]
    Surveyor(Surveyor),
    /// Answer surveys, with a fixed text or with their own (echo), and print them
    #[command(after_help = RESPONDENT)]
    Respondent(Replier),
    /// Talk to one peer: send messages and print what comes, both at once
    #[command(after_help = PAIR)]
    Pair(Pair),
    /// Talk among many: each message goes to every connected bus, and theirs are printed
    #[command(after_help = BUS)]
    Bus(Bus),
}

/// Push and pub.
#[derive(Debug, Args)]
pub(crate) struct Sender {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) sending: Sending,
    /// Stop after this many messages [default: one with -d or -f, endless with -i, all lines of standard input]
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u64).range(1..), help_heading = "Messages")]
    pub(crate) count: Option<u64>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

/// Pull and, with subscriptions, sub.
#[derive(Debug, Args)]
pub(crate) struct Receiver {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    /// Stop after this many messages [default: never]
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u64).range(1..), help_heading = "Messages")]
    pub(crate) count: Option<u64>,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, Args)]
pub(crate) struct Sub {
    #[command(flatten)]
    pub(crate) receiver: Receiver,
    /// Print messages that begin with this (repeatable) [default: all]
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true, help_heading = "Messages")]
    pub(crate) subscribe: Vec<OsString>,
}

/// What req and surveyor have in common.
#[derive(Debug, Args)]
pub(crate) struct Asker {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) sending: Sending,
    /// Stop after this many answers [default: when everything asked is answered; endless with -i]
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u64).range(1..), help_heading = "Messages")]
    pub(crate) count: Option<u64>,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, Args)]
pub(crate) struct Req {
    #[command(flatten)]
    pub(crate) asker: Asker,
    /// Send a request without answer again after so long; 0 never does, and a lost peer is an error [default: 60]
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, help_heading = "Times")]
    pub(crate) resend: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Surveyor {
    #[command(flatten)]
    pub(crate) asker: Asker,
    /// Take answers for so long; less when everybody asked has answered
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "1",
        help_heading = "Times"
    )]
    pub(crate) deadline: Duration,
    /// Take answers until the deadline, though everybody asked has answered: behind a device there may be more
    #[arg(long, help_heading = "Times")]
    pub(crate) no_early_end: bool,
}

/// Rep and respondent.
#[derive(Debug, Args)]
pub(crate) struct Replier {
    #[command(flatten)]
    pub(crate) answerer: Answerer,
    /// Drop what has come over more hops than this, 1 to 15 [default: 8]
    #[arg(long, value_name = "HOPS", value_parser = value_parser!(u8).range(1..=15), help_heading = "Connections")]
    pub(crate) ttl: Option<u8>,
}

/// How requests are answered.
#[derive(Debug, Args)]
pub(crate) struct Answerer {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) content: Content,
    #[command(flatten)]
    pub(crate) bound: Bound,
    /// Stop after this many answers [default: never]
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u64).range(1..), help_heading = "Messages")]
    pub(crate) count: Option<u64>,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

/// What pair and bus have in common.
#[derive(Debug, Args)]
pub(crate) struct Talker {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) sending: Sending,
    /// Stop when this many messages have been received [default: when everything is sent; endless with -i]
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u64).range(1..), help_heading = "Messages")]
    pub(crate) count: Option<u64>,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, Args)]
pub(crate) struct Pair {
    #[command(flatten)]
    pub(crate) talker: Talker,
    /// Speak version 1 of the protocol, with peers that do
    #[arg(long = "pair-v1", help_heading = "Connections")]
    pub(crate) version_1: bool,
    /// With --pair-v1: drop what has come over more hops than this, 1 to 15 [default: 8]
    #[arg(long, value_name = "HOPS", value_parser = value_parser!(u8).range(1..=15), help_heading = "Connections")]
    pub(crate) ttl: Option<u8>,
}

#[derive(Debug, Args)]
pub(crate) struct Bus {
    #[command(flatten)]
    pub(crate) talker: Talker,
}

const REQ: &str = "\
Without -d and -f each line of standard input is a request. Many requests may be under way at once; their answers are
printed in the order of the requests. At the end of the input the answers still to come are waited for.

Examples:
  hubless req --dial tcp://localhost:5555 -d 'what time is it?' --timeout 2
  hubless req --dial tcp://localhost:5555 < questions > answers
  hubless req --dial tcp://one:5555 --dial tcp://two:5555 -d ping -i 1";

const REP: &str = "\
Without -d and -f every request is answered with itself.

Examples:
  hubless rep --listen tcp://*:5555
  hubless rep --listen tcp://*:5555 -d pong -n 1
  hubless rep --dial tcp://router:5556 -f answer.json --format json";

const PUB: &str = "\
Without -d and -f each line of standard input is a message. Who is not connected when a message is published misses it:
--wait-peers says for how many subscribers the first one waits.

Examples:
  tail -f log | hubless pub --listen tcp://*:5555
  hubless pub --listen tcp://*:5555 -d tick -i 1
  hubless pub --listen tcp://*:5555 --wait-peers 3 -f config.json";

const SUB: &str = "\
Examples:
  hubless sub --dial tcp://localhost:5555
  hubless sub --dial tcp://localhost:5555 --subscribe oslo --subscribe rome
  hubless sub --dial tcp://localhost:5555 -n 1 --format raw > picture.png";

const PUSH: &str = "\
Without -d and -f each line of standard input is a message. Nothing is dropped: without a peer that has room, push waits.

Examples:
  ls | hubless push --dial tcp://localhost:5555
  hubless push --listen ipc:///tmp/jobs -f job.json
  hubless push --dial tcp://one:5555 --dial tcp://two:5555 --wait-peers 2 < jobs";

const PULL: &str = "\
Examples:
  hubless pull --listen tcp://*:5555
  hubless pull --listen tcp://127.0.0.1:0 -v
  hubless pull --listen ipc:///tmp/jobs -n 1 --timeout 30 --format raw > job.json";

const SURVEYOR: &str = "\
Without -d and -f each line of standard input is a survey. --wait-peers says for how many respondents the first one waits.
A survey that ends without answers is no error; with -n, too few answers end with status 3. A device is one peer that
brings many answers: ask through it with --no-early-end.

Examples:
  hubless surveyor --listen tcp://*:5555 --wait-peers 3 -d 'who is there?'
  hubless surveyor --dial tcp://localhost:5555 -d 'load?' -i 10 --deadline 2 --format json";

const RESPONDENT: &str = "\
Without -d and -f every survey is answered with itself.

Examples:
  hubless respondent --dial tcp://localhost:5555 -d \"$(hostname)\"
  hubless respondent --dial tcp://localhost:5555 --format quoted";

const PAIR: &str = "\
Without -d and -f each line of standard input is a message. When everything is sent it ends, unless -n says how many
messages are to be received: then it ends with the last of those, whatever is still on standard input.

Examples:
  hubless pair --listen tcp://*:5555
  hubless pair --dial tcp://localhost:5555 -d ping -n 1
  hubless pair --dial tcp://localhost:5555 --pair-v1";

const BUS: &str = "\
Without -d and -f each line of standard input is a message. When everything is sent it ends, unless -n says how many
messages are to be received: then it ends with the last of those, whatever is still on standard input. Only peers that are
connected directly hear one another.

Examples:
  hubless bus --listen tcp://*:5555
  hubless bus --dial tcp://one:5555 --dial tcp://two:5555 --wait-peers 2 -d hello -n 2";
