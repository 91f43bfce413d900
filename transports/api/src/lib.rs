//! The interface between hubless and its transports.
//!
//! A transport moves either a byte stream ([`Stream`]) or whole messages ([`Messages`]) between two
//! processes and knows nothing of messaging patterns or of the wire protocol. hubless drives it: it owns
//! every thread, retries every dial, keeps every deadline. A transport never blocks (name resolution in
//! [`Listener::bind`] excepted), never starts a thread and never calls back anything but a [`Notifier`].
//!
//! To add one, implement [`Transport`] and hand it to `Context::builder().transport(..)`; run the kit of
//! `hubless-conformance` against it. No file of hubless itself changes.

mod address;
mod connection;
#[cfg(unix)]
pub mod descriptor;
mod message;
mod packet;
mod transport;
mod wait;

pub use address::AddressError;
pub use connection::{Connection, Credentials, Framing, Link, Messages, Peer, Stream};
pub use message::Message;
pub use packet::{Header, Packet};
pub use transport::{Dialer, Listener, Offer, Transport};
pub use wait::{Notifier, Notify, Readiness, RegistrySource, Wait};

/// The event loop whose types appear in this interface.
pub use mio;
