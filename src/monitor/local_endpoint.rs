use std::fmt;
use std::sync::Arc;

/// The dialer or listener that a connection came through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LocalEndpoint {
    /// The dialer of this address, as [`Dialer::address`](crate::Dialer::address) gives it.
    Dialer(Arc<str>),
    /// The listener at this address, as [`Listener::address`](crate::Listener::address) gives it.
    Listener(Arc<str>),
}

impl LocalEndpoint {
    /// The address of the dialer or listener.
    pub fn address(&self) -> &str {
        match self {
            Self::Dialer(address) | Self::Listener(address) => address,
        }
    }
}

impl fmt::Display for LocalEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dialer(address) => write!(f, "the dialer of {address}"),
            Self::Listener(address) => write!(f, "the listener at {address}"),
        }
    }
}
