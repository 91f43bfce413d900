//! What happens to the connections of a socket, as a [`Monitor`](crate::Monitor) tells it.
//!
//! ```
//! use std::time::Duration;
//! use hubless::monitor::{EventKind, Failure};
//! use hubless::{Pull, Rep};
//!
//! let rep = Rep::new()?;
//! let monitor = rep.monitor();
//! let at = rep.listen("tcp://127.0.0.1:0")?;
//! let pull = Pull::new()?;
//! pull.dial(at.address())?;
//! let failure = loop {
//!     let event = monitor.recv()?;
//!     println!("{event}"); // 2026-11-30T18:04:05.123Z listening at tcp://127.0.0.1:40123
//!     if let EventKind::ConnectionFailed { failure, .. } = event.kind {
//!         break failure;
//!     }
//! };
//! assert!(matches!(failure, Failure::WrongPattern { .. }));
//! assert_eq!(failure.to_string(), "the peer is a PULL, and a REP talks to a REQ");
//! # Ok::<(), hubless::Error>(())
//! ```

mod event;
mod failure;
mod io_cause;
mod limit;
mod local_endpoint;
mod removal;

pub use event::{Event, EventKind};
pub use failure::Failure;
pub use io_cause::IoCause;
pub use limit::Limit;
pub use local_endpoint::LocalEndpoint;
pub use removal::Removal;
