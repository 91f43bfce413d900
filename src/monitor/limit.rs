use std::fmt;
use std::net::IpAddr;

/// The limit for which a connection was turned away before a word was said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// The listener has as many peers as [`Builder::max_connections`](crate::Builder::max_connections) allows.
    Connections {
        /// How many that are.
        max: usize,
    },
    /// This address of another machine has as many connections as one may have, at the listener or in the whole process.
    OneAddress {
        /// The address.
        address: IpAddr,
        /// How many one may have.
        max: usize,
    },
    /// Connections use as many descriptors as they may of those that the process may have open.
    Descriptors {
        /// How many connections there are in the whole process.
        connections: usize,
        /// The part that connections may use, in percent.
        percent: u64,
    },
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connections { max } => {
                write!(f, "the listener has the {max} peers that the option `max_connections` allows")
            }
            Self::OneAddress { address, max } => write!(f, "{address} has its {max} connections"),
            Self::Descriptors { connections, percent } => {
                write!(f, "{connections} connections are {percent} % of what the process may have open")
            }
        }
    }
}
