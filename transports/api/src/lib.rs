//! The interface between hubless and its transports.
//!
//! A transport moves either a byte stream ([`Stream`]) or whole messages ([`Messages`]) between two
//! processes and knows nothing of messaging patterns or of the wire protocol. hubless drives it: it owns
//! every thread, retries every dial, keeps every deadline. A transport never blocks (name resolution in
//! [`Listener::bind`] excepted), never starts a thread and never calls back anything but a [`Notifier`].
//!
//! To add one, implement [`Transport`] and hand it to `Context::builder().transport(..)`; run the kit of
//! `hubless-conformance` against it. No file of hubless itself changes.
//!
//! Addresses are strings. Where those do not say enough, add a typed endpoint: a type that implements [`Dialable`] and
//! [`Listenable`] and brings along the dialer or listener that it has made from its settings (see [`Settings`]).

mod address;
mod admission;
mod connection;
#[cfg(unix)]
pub mod descriptor;
mod endpoint;
mod message;
mod owners;
mod packet;
mod peer;
mod plan;
mod resolve;
mod settings;
pub mod side;
mod transport;
mod users;
mod wait;

pub use address::AddressError;
pub use admission::{Admission, Applicant, Decision, Ticket, Verdict};
pub use connection::{Acknowledged, Connection, Link, Medium, Messages, Stream, Unfinished};
pub use endpoint::Endpoint;
pub use message::{FramesError, Message};
pub use owners::PutOff;
pub use packet::{Header, Packet};
pub use peer::{Certificate, Credentials, Identity, Peer};
pub use plan::{DialPlan, Dialable, EndpointError, ListenPlan, Listenable, SettingError};
#[doc(hidden)]
pub use resolve::{resolve, scheme};
pub use settings::Settings;
pub use transport::{Dialer, Listener, Offer, Transport, TurnedAway};
pub use users::Users;
pub use wait::{Notifier, Notify, Readiness, RegistrySource, Wait};

/// The event loop whose types appear in this interface.
pub use mio;
