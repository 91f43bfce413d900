use std::borrow::Cow;
use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use mio::Registry;

use crate::{AddressError, Connection, Peer, Wait};

/// A kind of connection, named by the scheme of its addresses.
pub trait Transport: Send + Sync + Debug {
    /// The part of an address before `://`, in lower case: `tcp`.
    fn scheme(&self) -> &'static str;

    /// Prepares dialing `address`, the part after `://`. Parses only: no I/O.
    ///
    /// # Errors
    /// When the address is malformed.
    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError>;

    /// Prepares listening on `address`, the part after `://`. Parses only: no I/O.
    ///
    /// # Errors
    /// When the address is malformed.
    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError>;
}

/// What the library has to say to the other end where the medium has a way of its own to say it, such as a subprotocol.
///
/// To a transport it is opaque: one of streams ignores it, because there the library says it in the stream; one of whole messages
/// hands [`ours`](Self::ours) to the other end, and shows what that has handed over in [`Messages::offered`](crate::Messages::offered).
/// Each name is a token as HTTP has it, of letters, digits, `.` and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// What we are.
    pub ours: Cow<'static, str>,
    /// What the other end may be; the usual one first.
    pub wanted: Vec<Cow<'static, str>>,
    /// The largest message that is taken from the other end, in bytes, for transports that put messages together. Without bound
    /// unless said.
    pub max_message: u64,
}

impl Offer {
    /// We are `ours`, and the other end must be one of those that are `wanted`.
    pub fn new<W>(ours: impl Into<Cow<'static, str>>, wanted: W) -> Self
    where
        W: IntoIterator<Item: Into<Cow<'static, str>>>,
    {
        Self {
            ours: ours.into(),
            wanted: wanted.into_iter().map(Into::into).collect(),
            max_message: u64::MAX,
        }
    }

    /// The same, of an end that takes no larger messages than this.
    #[must_use]
    pub fn with_max_message(self, bytes: u64) -> Self {
        Self { max_message: bytes, ..self }
    }
}

/// Makes connections to one address. The engine owns retry and back-off; this makes one attempt a call.
pub trait Dialer: Send + Debug {
    /// The host name and port to resolve before each attempt, or `None` where the address needs no look-up.
    /// Every address of the name is tried in turn.
    fn host(&self) -> Option<(&str, u16)> {
        None
    }

    /// Starts one attempt without blocking. `resolved` is an address of [`host`](Self::host), if that named one.
    /// The connection may still be under way when this returns: see [`Link::establish`](crate::Link::establish).
    ///
    /// # Errors
    /// When the attempt fails at once.
    fn dial(&mut self, resolved: Option<SocketAddr>, offer: &Offer) -> io::Result<Connection>;
}

/// Accepts connections on one address.
pub trait Listener: Send + Debug {
    /// Takes the address. Called once, before anything else, on the caller's own thread; may look up a name.
    ///
    /// # Errors
    /// When the address is in use, not allowed, or not to be had on this machine.
    fn bind(&mut self) -> io::Result<()>;

    /// The address it is really bound to, without the scheme: port 0 has become the port that was given.
    fn address(&self) -> String;

    /// From now on reports readable edges (a connection may be waiting) to `wait`.
    ///
    /// # Errors
    /// When the system refuses the registration.
    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()>;

    /// Stops reporting. The registry is the one of the last [`watch`](Self::watch).
    fn unwatch(&mut self, registry: &Registry);

    /// Takes one connection, or fails with [`io::ErrorKind::WouldBlock`] when none is waiting.
    ///
    /// # Errors
    /// `WouldBlock`, or the system's reason. An error does not end the listener: the engine tries again later.
    fn accept(&mut self, offer: &Offer) -> io::Result<Connection>;

    /// Takes out one that [`accept`](Self::accept) has turned away by itself, so that it is counted and told. Asked after each
    /// `accept`, until there is none. A listener that turns nobody away leaves it as it is.
    fn turned_away(&mut self) -> Option<TurnedAway> {
        None
    }

    /// Looks whether the address still leads here, and takes it again where somebody has removed it. Asked every few seconds. Whether
    /// it has another descriptor now: then [`watch`](Self::watch) is called again.
    ///
    /// # Errors
    /// Why nobody can find this listener now. It is asked again later.
    fn renew(&mut self) -> io::Result<bool> {
        Ok(false)
    }
}

/// Somebody whom a listener has turned away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TurnedAway {
    /// Who it was.
    pub peer: Peer,
    /// Why.
    pub reason: String,
}

impl TurnedAway {
    /// `peer` was turned away, because of `reason`.
    pub fn new(peer: Peer, reason: impl Into<String>) -> Self {
        Self { peer, reason: reason.into() }
    }
}
