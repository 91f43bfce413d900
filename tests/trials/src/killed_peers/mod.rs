//! Peers are killed at once, again and again, and a new one takes the place of each. One that survives has nothing that was
//! changed, nothing twice and nothing out of order, and has lost no more than the dead one and the system held.

mod answers;
mod both_ways;
mod one_way;
mod stage;

use std::fmt;

pub use answers::{requests, surveys};
pub use both_ways::{buses, pairs};
pub use one_way::{publishers, receivers, senders, stalled_receivers};
use stage::Stage;

/// How often, and when.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Processes that are killed, one after the other.
    pub kills: u32,
    /// The most messages that one has taken, or sent, when it is killed.
    pub messages: usize,
    /// Bytes of a message.
    pub length: usize,
}

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What was tried.
    pub what: String,
    /// Processes that were killed.
    pub kills: u32,
    /// What the survivor has sent.
    pub sent: u64,
    /// What has arrived on either side.
    pub received: u64,
    /// What was lost in the hands of the system and of the dead, or not sent to be received.
    pub lost: u64,
    /// What the survivor has counted as lost.
    pub counted: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, kills, sent, received, lost, counted } = self;
        write!(f, "{what}: {kills} killed, {sent} sent, {received} received, {lost} lost, {counted} counted")
    }
}
