//! What happens to the connections of a socket, as a [`Monitor`](crate::Monitor) tells it.
//!
//! ```
//! use std::time::Duration;
//! use hubless::monitor::{Event, Failure};
//! use hubless::{Pull, Rep};
//!
//! let rep = Rep::new()?;
//! let monitor = rep.monitor();
//! let at = rep.listen("tcp://127.0.0.1:0")?;
//! let pull = Pull::new()?;
//! pull.dial(at.address())?;
//! let failure = loop {
//!     match monitor.recv()? {
//!         Event::ConnectionFailed { failure, .. } => break failure,
//!         other => println!("{other}"), // listening at tcp://127.0.0.1:40123
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

pub use event::Event;
pub use failure::Failure;
pub use io_cause::IoCause;
pub use limit::Limit;
pub use local_endpoint::LocalEndpoint;
pub use removal::Removal;
