//! What can go wrong.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use hubless_transport::{AddressError, EndpointError};

use crate::Message;
use crate::human::duration;

/// What happened, and what to do about it.
///
/// Its `Debug` form, which is what is seen of one returned from `main`, is its text with what helps; `{:#?}` shows the variant and its
/// fields:
///
/// ```text
/// Error: `tpc://localhost:5555` is not an address: there is no transport `tpc`; there are tcp://, ipc://, inproc://
///   tpc://localhost:5555
///   ^^^
/// ```
///
/// ```text
/// Error: timed out after 5 s while waiting for a peer of tcp://127.0.0.1:5555; last error: Connection refused (os error 111)
/// ```
#[non_exhaustive]
pub enum Error {
    /// The socket is closed, or was closed during the call.
    Closed,
    /// The time given for the call is over. Nothing was sent, nothing received; the call can be repeated.
    Timeout {
        /// How long it was.
        waited: Duration,
        /// What had not come by then.
        waiting_for: WaitingFor,
    },
    /// `try_send`: no peer has room now, or there is none; of a publisher that waits for all
    /// ([`Overflow::Block`](crate::Overflow::Block)), one has none. `send` waits instead.
    Full,
    /// `try_recv`: nothing has arrived. `recv` waits instead.
    Empty,
    /// An address that no transport of this context understands.
    /// `{:#}` shows the address once more with the bad part underlined.
    Address {
        /// The address as given.
        address: String,
        /// What is wrong with it and what would be right.
        reason: String,
        /// The bytes of it that are wrong, or where something is missing.
        part: Option<Range<usize>>,
    },
    /// The address is taken, by this program or another.
    AddressInUse {
        /// The address that is taken: the one given, and of a host name the one of its addresses.
        address: String,
    },
    /// The address cannot be listened on for another reason.
    Listen {
        /// The address as given.
        address: String,
        /// The system's reason.
        cause: io::Error,
    },
    /// An option of a builder or of an endpoint cannot have this value.
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
    /// been executed. Or its answer was dropped: memory was short, nobody waited for this answer, and somebody waited for another that was
    /// behind it (counted in [`Drops::inbox_full`](crate::Drops::inbox_full); [`disconnected`](crate::Stats::disconnected)
    /// tells whether it was the peer).
    PeerLost,
    /// The deadline of the request is over.
    Deadline,
    /// This `Pending` has given its answer already, or its request was cancelled.
    Answered,
    /// The process was forked, and this is the child: sockets stay with the parent. Make new ones in a new context.
    Forked,
    /// The background thread of the context has died, or the event loop of the context or the socket fails for good, so
    /// nothing works any more.
    Dead,
    /// The system refused something that the library cannot do without: a thread, a descriptor, memory.
    System {
        /// What was asked for.
        what: &'static str,
        /// The system's reason.
        cause: io::Error,
    },
}

/// What a call was waiting for when its time was over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitingFor {
    /// A message, or a request, of a peer that is connected.
    Message,
    /// The answer to a request, or the next one to a survey.
    Answer,
    /// Room for a message at a peer that is connected.
    Room,
    /// Peers: as many as [`wait_for_peers`](crate::Push::wait_for_peers) was asked for, or one to send to or receive from.
    Peers {
        /// How many were connected.
        present: usize,
        /// How many were waited for.
        wanted: usize,
        /// What the socket dials, and where it listens.
        addresses: Vec<Arc<str>>,
        /// Why there is no peer, as the status of the first of these says that knows; with its address, where there are several.
        last_error: Option<String>,
    },
    /// An event of a [`Monitor`](crate::Monitor).
    Event,
}

/// Addresses that are named; of more only the number is.
const NAMED: usize = 4;

impl fmt::Display for WaitingFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (present, wanted, addresses, last_error) = match self {
            Self::Message => return f.write_str("a message"),
            Self::Answer => return f.write_str("an answer"),
            Self::Room => return f.write_str("room at a peer"),
            Self::Event => return f.write_str("an event"),
            Self::Peers { present, wanted, addresses, last_error } => {
                (present, wanted, addresses, last_error)
            }
        };
        match wanted {
            1 => f.write_str("a peer")?,
            _ => write!(f, "{wanted} peers")?,
        }
        for (index, address) in addresses.iter().take(NAMED).enumerate() {
            write!(f, "{}{address}", if index == 0 { " of " } else { ", " })?;
        }
        match addresses.len() {
            0 => f.write_str(" of a socket that neither listens nor dials")?,
            more if more > NAMED => write!(f, " and {} more", more - NAMED)?,
            _ => {}
        }
        if *present > 0 {
            write!(f, ", and {present} had come")?;
        }
        last_error.as_ref().map_or(Ok(()), |error| write!(f, "; last error: {error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the socket is closed"),
            Self::Timeout { waited, waiting_for } => {
                write!(f, "timed out after {} while waiting for {waiting_for}", duration(*waited))
            }
            Self::Full => f.write_str("no peer has room for the message now"),
            Self::Empty => f.write_str("no message has arrived"),
            Self::Address { address, reason, part } => show_address(address, reason, part.as_ref(), f),
            Self::AddressInUse { address } => write!(f, "cannot listen on {address}: the address is in use"),
            Self::Listen { address, cause } => write!(f, "cannot listen on {address}: {cause}"),
            Self::Option { option, value, reason } => {
                write!(f, "the option `{option}` cannot be {value}: {reason}")
            }
            Self::PeerLost => f.write_str(
                "the answer is lost: the peer that had the request is gone and the request is not sent again, \
                 or memory was short and nobody waited for the answer",
            ),
            Self::Deadline => f.write_str("no answer came within the deadline of the request"),
            Self::Answered => f.write_str("the answer to this request was already taken"),
            Self::Forked => f.write_str(
                "the process was forked, and sockets of the parent do not work in the child: make new ones there",
            ),
            Self::Dead => f.write_str(
                "the background thread of the context has died, or an event loop fails for good",
            ),
            Self::System { what, cause } => write!(f, "the system refused {what}: {cause}"),
        }
    }
}

/// It has no source: its text says the system's reason.
impl std::error::Error for Error {}

/// Its text and what helps, for people; `{:#?}` shows the variant with its fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.show_parts(f);
        }
        write!(f, "{self:#}")?;
        self.help().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl Error {
    /// This address is wrong for that reason.
    pub(crate) fn address(address: &str, error: &AddressError) -> Self {
        Self::Address { address: address.into(), reason: error.reason().into(), part: error.part() }
    }

    /// What its author may not know who sees it for the first time.
    fn help(&self) -> Option<&'static str> {
        match self {
            Self::Timeout { waiting_for: WaitingFor::Peers { addresses, last_error: None, .. }, .. }
                if !addresses.is_empty() =>
            {
                Some("nobody has answered, and nobody has come: is it the right address?")
            }
            Self::Full => Some("`send` waits for a peer with room"),
            Self::Empty => Some("`recv` waits for a message"),
            Self::AddressInUse { address } if address.starts_with("tcp:") => {
                Some("end what listens there, or take another address; port 0 is any free port")
            }
            Self::AddressInUse { .. } => Some("end what listens there, or take another address"),
            Self::Listen { cause, .. } if cause.kind() == io::ErrorKind::AddrNotAvailable => {
                Some("it is no address of this machine; `*` stands for all that it has")
            }
            Self::System { cause, .. } if cause.raw_os_error() == Some(libc::EMFILE) => {
                Some("the process has as many files open as it may; `ulimit -n` shows and changes that")
            }
            _ => None,
        }
    }

    fn show_parts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = f.debug_struct(match self {
            Self::Closed => "Closed",
            Self::Timeout { .. } => "Timeout",
            Self::Full => "Full",
            Self::Empty => "Empty",
            Self::Address { .. } => "Address",
            Self::AddressInUse { .. } => "AddressInUse",
            Self::Listen { .. } => "Listen",
            Self::Option { .. } => "Option",
            Self::PeerLost => "PeerLost",
            Self::Deadline => "Deadline",
            Self::Answered => "Answered",
            Self::Forked => "Forked",
            Self::Dead => "Dead",
            Self::System { .. } => "System",
        });
        match self {
            Self::Timeout { waited, waiting_for } => {
                parts.field("waited", waited).field("waiting_for", waiting_for)
            }
            Self::Address { address, reason, part } => {
                parts.field("address", address).field("reason", reason).field("part", part)
            }
            Self::AddressInUse { address } => parts.field("address", address),
            Self::Listen { address, cause } => parts.field("address", address).field("cause", cause),
            Self::Option { option, value, reason } => {
                parts.field("option", option).field("value", value).field("reason", reason)
            }
            Self::System { what, cause } => parts.field("what", what).field("cause", cause),
            _ => &mut parts,
        };
        parts.finish()
    }
}

fn show_address(
    address: &str,
    reason: &str,
    part: Option<&Range<usize>>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "`{}` is not an address: ", AddressError::shown(address))?;
    let bad = part.and_then(|part| address.get(part.clone())).unwrap_or_default();
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

/// Why it was not sent, as the error shows it; of the message nothing.
impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
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

#[cfg(test)]
mod tests;
