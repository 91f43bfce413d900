//! Traffic of every pattern over bad connections, and over inproc where there are none: while a connection lives nothing is
//! lost but what is counted; where it breaks off, what was not in the hands of the system is counted.

mod broken_news;
mod broken_requests;
mod broken_surveys;
mod broken_work;
mod buses;
mod crowds;
mod draining;
mod echoes;
mod news;
mod pairs;
mod place;
mod report;
mod requests;
mod roll;
mod source;
mod surveys;
mod system;
mod together;
mod work;

use std::time::Duration;

use crate::proxy::Manner;

pub use broken_news::{broken_bus, broken_news};
pub use broken_requests::requests_that_move;
pub use broken_surveys::broken_surveys;
pub use broken_work::{broken_pair, broken_work};
pub use buses::buses;
pub use crowds::{crowd, passers_by};
pub use echoes::{answers, echoes};
pub use news::news;
pub use pairs::pairs;
pub use report::Report;
pub use requests::requests;
pub use surveys::surveys;
pub use work::work;

/// What is sent over which connections.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The scheme of the addresses.
    pub transport: &'static str,
    /// From each sender.
    pub messages: u64,
    /// How long the longest message is.
    pub largest: usize,
    /// What becomes of the connections; they stand for themselves where there is nothing to become of them.
    pub manner: Option<Manner>,
    /// How long nothing may come where something must, before it is said to be lost.
    pub patience: Duration,
}

impl Plan {
    /// So many messages over connections of that kind.
    pub fn new(transport: &'static str, messages: u64, largest: usize) -> Self {
        Self { transport, messages, largest, manner: None, patience: Duration::from_secs(60) }
    }

    /// What does not come within this time is lost.
    #[must_use]
    pub fn waiting(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connections are treated like this.
    #[must_use]
    pub fn through(mut self, manner: Manner) -> Self {
        self.manner = Some(manner);
        self
    }
}
