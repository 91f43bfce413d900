//! The only place with threads, clocks, polling and locks. ARCHITECTURE.md tells how the parts play together.

mod attended;
mod blocking;
mod clock;
mod closing;
mod connecting;
mod context;
mod core;
mod counters;
mod descriptors;
mod dialing;
mod driver;
mod endpoint;
mod entropy;
mod flushing;
mod fork;
mod greeting;
mod inbox;
mod lifecycle;
mod listening;
mod mailbox;
mod memory;
mod options;
mod outbound;
mod pace;
mod pipe;
mod quiet_log;
mod reading;
mod resolver;
mod socket;
mod sync;
mod table;
mod timers;
mod tokens;
mod turns;
mod worker;

pub(crate) use clock::Until;
pub(crate) use closing::Completion;
pub(crate) use entropy::seed;
pub(crate) use inbox::Received;
pub(crate) use mailbox::Command;
pub(crate) use options::SocketOptions;
pub(crate) use socket::Socket;

pub use closing::CloseReport;
pub use context::{Context, ContextBuilder, close_all};
pub use endpoint::{Dialer, DialerState, DialerStatus, Listener, ListenerStatus};
