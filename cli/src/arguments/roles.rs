//! The roles, each with the options that make sense for it.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand, value_parser};

use super::groups::{Bound, Content, Endpoints, Enough, Limits, Receiving, Sending, Separation, Watching};
use super::seconds::seconds;

/// The side of a pattern that is taken.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Send requests, each to one rep, and print the answers
    Req(Req),
    /// Answer requests, and print them
    Rep(Replier),
    /// Publish: send each message to every sub
    #[command(name = "pub")]
    Pub(Sender),
    /// Subscribe: print what is published
    Sub(Sub),
    /// Send down a pipeline: each message to one pull
    Push(Sender),
    /// Receive from a pipeline, and print the messages
    Pull(Receiver),
    /// Send surveys, each to every respondent, and print the answers
    Surveyor(Surveyor),
    /// Answer surveys, and print them
    Respondent(Replier),
    /// Talk to one peer: send messages, and print what comes
    Pair(Pair),
    /// Talk to many: send each message to every bus, and print theirs
    Bus(Bus),
}

/// Push and pub.
#[derive(Debug, Args)]
pub(crate) struct Sender {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) sending: Sending,
    #[command(flatten)]
    pub(crate) enough: Enough,
    #[command(flatten)]
    pub(crate) separation: Separation,
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
    #[command(flatten)]
    pub(crate) enough: Enough,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) separation: Separation,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, Args)]
pub(crate) struct Sub {
    #[command(flatten)]
    pub(crate) receiver: Receiver,
    /// Print only what begins with this (repeatable)
    #[arg(short, long, value_name = "PREFIX", allow_hyphen_values = true, help_heading = "Messages")]
    pub(crate) subscribe: Vec<OsString>,
    /// Print which --subscribe each message matched
    #[arg(long, help_heading = "Messages", requires = "subscribe")]
    pub(crate) topic: bool,
}

/// What req and surveyor have in common.
#[derive(Debug, Args)]
pub(crate) struct Asker {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) sending: Sending,
    #[command(flatten)]
    pub(crate) enough: Enough,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) separation: Separation,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, Args)]
pub(crate) struct Req {
    #[command(flatten)]
    pub(crate) asker: Asker,
    /// Send an unanswered request again after this; 0: never [default: 60]
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, hide_short_help = true,
        help_heading = "Times"
    )]
    pub(crate) resend: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Surveyor {
    #[command(flatten)]
    pub(crate) asker: Asker,
    /// Wait at most this long for answers
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "1",
        help_heading = "Times"
    )]
    pub(crate) deadline: Duration,
    /// Wait until the deadline even when all peers have answered
    #[arg(long, hide_short_help = true, help_heading = "Times")]
    pub(crate) no_early_end: bool,
}

/// Rep and respondent.
#[derive(Debug, Args)]
pub(crate) struct Replier {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) content: Content,
    #[command(flatten)]
    pub(crate) executing: Executing,
    #[command(flatten)]
    pub(crate) bound: Bound,
    #[command(flatten)]
    pub(crate) enough: Enough,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) separation: Separation,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) watching: Watching,
    #[command(flatten)]
    pub(crate) hops: Hops,
}

/// Hops through devices.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Hops {
    /// Drop what came over more hops than this, 1 to 15 [default: 8]
    #[arg(long, value_name = "HOPS", value_parser = value_parser!(u8).range(1..=15), hide_short_help = true)]
    pub(crate) ttl: Option<u8>,
}

/// A command that makes the answers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Executing {
    /// Answer with the output of this shell command
    #[arg(short, long, value_name = "COMMAND", conflicts_with_all = ["data", "file"])]
    pub(crate) exec: Option<OsString>,
    /// With --exec, run this many commands at once [default: one per CPU]
    #[arg(
        short, long, value_name = "N", value_parser = value_parser!(u16).range(1..=1000), requires = "exec",
        hide_short_help = true
    )]
    pub(crate) jobs: Option<u16>,
    /// With --exec, kill a command that takes longer than this
    #[arg(
        long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true, default_value = "60",
        requires = "exec", hide_short_help = true, help_heading = "Times"
    )]
    pub(crate) exec_timeout: Duration,
}

/// What pair and bus have in common.
#[derive(Debug, Args)]
pub(crate) struct Talker {
    #[command(flatten)]
    pub(crate) endpoints: Endpoints,
    #[command(flatten)]
    pub(crate) sending: Sending,
    #[command(flatten)]
    pub(crate) enough: Enough,
    #[command(flatten)]
    pub(crate) receiving: Receiving,
    #[command(flatten)]
    pub(crate) separation: Separation,
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
    #[arg(long = "pair-v1", hide_short_help = true, help_heading = "Connections")]
    pub(crate) version_1: bool,
    #[command(flatten)]
    pub(crate) hops: Hops,
}

#[derive(Debug, Args)]
pub(crate) struct Bus {
    #[command(flatten)]
    pub(crate) talker: Talker,
}

impl Role {
    pub(super) fn endpoints(&mut self) -> &mut Endpoints {
        match self {
            Self::Req(req) => &mut req.asker.endpoints,
            Self::Rep(replier) | Self::Respondent(replier) => &mut replier.endpoints,
            Self::Pub(sender) | Self::Push(sender) => &mut sender.endpoints,
            Self::Sub(sub) => &mut sub.receiver.endpoints,
            Self::Pull(receiver) => &mut receiver.endpoints,
            Self::Surveyor(surveyor) => &mut surveyor.asker.endpoints,
            Self::Pair(pair) => &mut pair.talker.endpoints,
            Self::Bus(bus) => &mut bus.talker.endpoints,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Req(_) => "req",
            Self::Rep(_) => "rep",
            Self::Pub(_) => "pub",
            Self::Sub(_) => "sub",
            Self::Push(_) => "push",
            Self::Pull(_) => "pull",
            Self::Surveyor(_) => "surveyor",
            Self::Respondent(_) => "respondent",
            Self::Pair(_) => "pair",
            Self::Bus(_) => "bus",
        }
    }

    /// What it sends, of those that begin to.
    pub(super) fn sending(&self) -> Option<&Sending> {
        match self {
            Self::Pub(sender) | Self::Push(sender) => Some(&sender.sending),
            Self::Req(req) => Some(&req.asker.sending),
            Self::Surveyor(surveyor) => Some(&surveyor.asker.sending),
            Self::Pair(pair) => Some(&pair.talker.sending),
            Self::Bus(bus) => Some(&bus.talker.sending),
            Self::Rep(_) | Self::Respondent(_) | Self::Sub(_) | Self::Pull(_) => None,
        }
    }

    /// How it prints, of those that do.
    pub(super) fn receiving(&self) -> Option<(&Receiving, &Separation)> {
        Some(match self {
            Self::Req(Req { asker, .. }) | Self::Surveyor(Surveyor { asker, .. }) => {
                (&asker.receiving, &asker.separation)
            }
            Self::Rep(replier) | Self::Respondent(replier) => (&replier.receiving, &replier.separation),
            Self::Sub(Sub { receiver, .. }) | Self::Pull(receiver) => {
                (&receiver.receiving, &receiver.separation)
            }
            Self::Pair(Pair { talker, .. }) | Self::Bus(Bus { talker }) => {
                (&talker.receiving, &talker.separation)
            }
            Self::Pub(_) | Self::Push(_) => return None,
        })
    }
}
