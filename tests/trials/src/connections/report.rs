use std::fmt;
use std::time::Duration;

use super::place::Place;

/// What a stage has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What was sent.
    pub what: &'static str,
    /// Over which transport.
    pub transport: &'static str,
    /// Messages that were to be delivered: one to three peers counts three.
    pub meant: u64,
    /// Messages that were.
    pub delivered: u64,
    /// Messages that the library counts as lost.
    pub counted: u64,
    /// Messages that were in the hands of the system when a connection broke off.
    pub in_system: u64,
    /// Connections that there were.
    pub connections: u64,
    /// Connections that were broken off.
    pub cuts: u64,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Of a stage that was held here.
    pub(super) fn new(what: &'static str, place: &Place<'_>) -> Self {
        Self {
            what,
            transport: place.plan.transport,
            meant: 0,
            delivered: 0,
            counted: 0,
            in_system: 0,
            connections: place.connections(),
            cuts: place.cuts(),
            took: place.began.elapsed(),
        }
    }

    pub(super) fn delivered(mut self, delivered: u64, of: u64) -> Self {
        (self.delivered, self.meant) = (delivered, of);
        self
    }

    pub(super) fn lost(mut self, counted: u64, in_system: u64) -> Self {
        (self.counted, self.in_system) = (counted, in_system);
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, transport, meant, delivered, counted, in_system, connections, cuts, took } = self;
        write!(f, "{what} over {transport}: {delivered} of {meant} delivered, {counted} counted as lost, ")?;
        write!(f, "{in_system} lost in the system, {connections} connections, {cuts} broken off, {took:.1?}")
    }
}
