//! Brokerless messaging: pattern sockets that a program links in and that talk straight to each other.
//!
//! Pick two sockets that belong together, have one [`listen`](Push::listen) and the other [`dial`](Push::dial), in any
//! order, and send. Connections are made, kept and made again in the background; messages are whole.
//!
//! ```
//! use std::time::Duration;
//! use hubless::{Pull, Push};
//!
//! let pull = Pull::new()?;
//! let at = pull.listen("tcp://127.0.0.1:0")?;
//! let push = Push::new()?;
//! push.dial(at.address())?;
//! push.send("job 1")?;
//! assert_eq!(pull.recv()?, "job 1");
//! hubless::close_all(Duration::from_secs(1));
//! # Ok::<(), hubless::Error>(())
//! ```
//!
//! | sockets | what they do | when there is no room |
//! |---|---|---|
//! | [`Push`], [`Pull`] | each message to one of many, in turn | the sender waits |
//! | [`Req`], [`Rep`] | a request to one of many, the answer back | the sender waits |
//! | [`Pub`], [`Sub`] | each message to all that subscribed to its beginning | dropped for that peer, counted; or the oldest is, or the sender waits ([`Overflow`]) |
//! | [`Surveyor`], [`Respondent`] | a question to all, their answers until a deadline | dropped for that peer, counted |
//! | [`Pair`] | one to one | the sender waits |
//! | [`Bus`] | each message to all others | dropped for that peer, counted |
//!
//! # Closing, and the end of a program
//!
//! Messages are queued and leave in the background when they cannot leave at once. Dropping the last handle of a socket
//! never blocks: the background goes on sending for the time of [`Builder::linger`]. Leaving `main` ends the background at
//! once, so a program that sends ends with [`close_all`], or closes its sockets: that waits, within the time given, and says
//! how many messages were dropped.
//!
//! # Threads and blocking
//!
//! All methods take `&self`, and every socket can be shared or cloned between threads. `send` and `recv` wait, as long as an
//! option says (for ever by default); `try_`, `_timeout` and `_deadline` variants say for themselves. A thread that waits does
//! the socket's reading and writing by itself; one background thread per [`Context`] does what nobody waits for.
//!
//! # Futures
//!
//! Every verb that waits has an `_async` namesake: a [`future`] for any executor, `Send`, and safe to drop at any time. No
//! runtime is needed and none is started. Futures and threads can be mixed on one socket.
//!
//! ```
//! # fn main() -> Result<(), hubless::Error> {
//! # pollster::block_on(async {
//! use hubless::{Rep, Req};
//!
//! let (rep, req) = (Rep::new()?, Req::new()?);
//! req.dial(rep.listen("tcp://127.0.0.1:0")?.address())?;
//! let pending = req.send_async("ping").await?;
//! rep.recv_async().await?.reply("pong")?;
//! assert_eq!(pending.recv_async().await?, "pong");
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Several sockets, and event loops
//!
//! A [`Poller`] waits for several sockets of whatever patterns in one call. Into an event loop of your own a socket is woven
//! by a descriptor that says when a call is worth a try: [`Ready`].
//!
//! # What is lost, and where it is seen
//!
//! A message arrives whole or not at all. Whatever is not delivered is counted by reason in [`Stats`], of either side. A
//! connection that fails says why in [`Dialer::status`] or [`Listener::status`], and in the log (crate `log`; peers that
//! were turned away are warnings of the target `hubless::peers`, at most ten a second).
//!
//! # The wire
//!
//! hubless speaks SP, as nanomsg, NNG and mangos do; references such as "sp.md section 7" in this documentation mean the
//! protocol notes that the code was written from, `docs/sp.md` in the repository, which follow the nanomsg RFCs and the wire.

mod engine;
mod error;
mod patterns;
mod socket;
mod stats;
mod wire;

pub use bytes::Bytes;
pub use engine::{
    CloseReport, Context, ContextBuilder, Dialer, DialerState, DialerStatus, Listener, ListenerStatus, Ready,
    close_all,
};
pub use error::{Error, SendError};
pub use hubless_transport as transport;
pub use hubless_transport::Message;
pub use patterns::Overflow;
pub use socket::{
    Answer, Builder, Bus, CanRecv, CanSend, Kind, Pair, Pending, Poller, Pub, Pull, Push, Rep, Req, Request,
    Respondent, Sub, Survey, SurveyEnd, Surveyor, Unsent, future, raw,
};
pub use stats::{Breaches, Drops, Refused, Stats};

/// The programs in the README are compiled and run with the examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
