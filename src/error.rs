//! What can go wrong.

use std::fmt;
use std::io;
use std::ops::Range;
use std::time::Duration;

use hubless_transport::{AddressError, EndpointError};

use crate::Message;

/// What happened, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The socket is closed, or was closed during the call.
    #[error("the socket is closed")]
    Closed,
    /// The time given for the call is over. Nothing was sent, nothing received; the call can be repeated.
    #[error("the call was not done in its time")]
    Timeout,
    /// `try_send`: no peer has room now, or there is none; of a publisher that waits for all
    /// ([`Overflow::Block`](crate::Overflow::Block)), one has none. `send` waits instead.
    #[error("there is no room for the message now")]
    Full,
    /// `try_recv`: nothing has arrived. `recv` waits instead.
    #[error("no message has arrived")]
    Empty,
    /// An address that no transport of this context understands.
    /// `{:#}` shows the address once more with the bad part underlined.
    #[error(fmt = show_address)]
    Address {
        /// The address as given.
        address: String,
        /// What is wrong with it and what would be right.
        reason: String,
        /// The octets of it that are wrong, or where something is missing.
        part: Option<Range<usize>>,
    },
    /// The address is taken, by this program or another.
    #[error("cannot listen on {address}: the address is in use")]
    AddressInUse {
        /// The address that is taken: the one given, and of a host name the one of its addresses.
        address: String,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address as given.
        address: String,
        /// The system's reason.
        cause: io::Error,
    },
    /// An option of a builder or of an endpoint cannot have this value.
    #[error("the option `{option}` cannot be {value}: {reason}")]
    Option {
        /// The method that set it.
        option: &'static str,
        /// The value given.
        value: String,
        /// What would be right.
        reason: &'static str,
    },
    /// The peer that had the request is gone, and it is not sent again: resending is off, or the connection broke each time
    /// the request was being sent, as it does when the peer takes no message of that size. The request may or may not have
    /// been executed.
    #[error("the peer that had the request is gone, and the request is not sent again")]
    PeerLost,
    /// The deadline of the request is over.
    #[error("no answer came within the deadline of the request")]
    Deadline,
    /// This `Pending` has given its answer already, or its request was cancelled.
    #[error("the answer to this request was already taken")]
    Answered,
    /// The process was forked, and this is the child: sockets stay with the parent. Make new ones in a new context.
    #[error(
        "the process was forked, and sockets of the parent do not work in the child: make new ones there"
    )]
    Forked,
    /// The background thread of the context has died, or the event loop of the context or the socket fails for good, so
    /// nothing works any more.
    #[error("the background thread of the context has died, or an event loop fails for good")]
    Dead,
    /// The system refused something that the library cannot do without: a thread, a descriptor, memory.
    #[error("the system refused {what}: {cause}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// The system's reason.
        cause: io::Error,
    },
    /// There were not as many peers in the given time.
    #[error("{present} of {wanted} peers were connected after {waited:?}")]
    Peers {
        /// How many there are.
        present: usize,
        /// How many were waited for.
        wanted: usize,
        /// How long.
        waited: Duration,
    },
}

impl Error {
    /// This address is wrong for that reason.
    pub(crate) fn address(address: &str, error: &AddressError) -> Self {
        Self::Address { address: address.into(), reason: error.reason().into(), part: error.part() }
    }
}

#[expect(clippy::ref_option, reason = "it is called with references to the fields")]
fn show_address(
    address: &str,
    reason: &str,
    part: &Option<Range<usize>>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "`{address}` is not an address: ")?;
    let bad = part.clone().and_then(|part| address.get(part)).unwrap_or_default();
    let error = AddressError::new(reason);
    let error = if part.is_some() { error.at(address, bad).within(address, 0) } else { error };
    fmt::Display::fmt(&error, f)
}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Setting(error) => {
                Self::Option { option: error.setting, value: error.value, reason: error.reason }
            }
            EndpointError::Address(error) => Self::address(error.address().unwrap_or_default(), &error),
            other => Self::Address { address: String::new(), reason: other.to_string(), part: None },
        }
    }
}

/// A message that was not sent, and why. It is not lost: it is in here.
pub struct SendError<M = Message> {
    /// Why it was not sent.
    pub error: Error,
    /// The message, as it was given.
    pub message: M,
}

impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<M> fmt::Display for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<M> std::error::Error for SendError<M> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Its own words are the error's, so what follows is the error's cause.
        self.error.source()
    }
}

/// So that `?` works where only the reason is of interest.
impl<M> From<SendError<M>> for Error {
    fn from(failed: SendError<M>) -> Self {
        failed.error
    }
}
