use std::fmt;
use std::time::Duration;

use super::tally::Tally;

/// How an attack went.
#[derive(Debug)]
pub struct Report {
    /// What was done.
    pub attack: &'static str,
    /// Over which transport.
    pub transport: &'static str,
    /// How often, in the attack's own measure.
    pub made: u64,
    /// Before the attack.
    pub peace: Service,
    /// While it went on.
    pub attacked: Service,
    /// By how much the memory in use grew, in KiB.
    pub grown_kib: u64,
    /// By how much the memory that was asked for grew, in KiB.
    pub reserved_kib: u64,
    /// The most connections at a time that the attack had.
    pub connections: usize,
    /// Those that were there when all attackers had gone.
    pub left: usize,
    /// What the listener counted.
    pub counted: Tally,
}

/// How those were served who mean well, and what the listener did for it.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// What 99 in 100 round trips of the honest peer did not exceed.
    pub p99: Duration,
    /// What 95 in 100 did not exceed: in a short time, that is more than the slowest alone.
    pub usual: Duration,
    /// How many others came and were served.
    pub newcomers: u64,
    /// Part of a processor that the listener took.
    pub cpu: f64,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p99, usual, newcomers, cpu } = self;
        write!(
            f,
            "p95 {usual:.1?}, p99 {p99:.1?}, {newcomers} newcomers, {:.1} % of a processor",
            cpu * 100.0
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attack, transport, made, peace, attacked, connections, left, counted, .. } = self;
        let (grown, reserved) = (self.grown_kib, self.reserved_kib);
        write!(f, "{attack} over {transport}, {made} times: {attacked} (before: {peace}); ")?;
        write!(
            f,
            "{connections} connections, {left} afterwards; +{grown} KiB in use, +{reserved} KiB asked for; "
        )?;
        write!(f, "counted: {counted}")
    }
}

/// A bound was not held.
#[derive(Debug)]
pub struct Fallen {
    /// How it went.
    pub report: Box<Report>,
    /// What was not held.
    pub what: &'static str,
    /// What it should have been at most.
    pub bound: String,
    /// Whether a busy machine may be the reason.
    pub may_be_chance: bool,
}

impl fmt::Display for Fallen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (allowed: {})\n    {}", self.what, self.bound, self.report)
    }
}

impl std::error::Error for Fallen {}
