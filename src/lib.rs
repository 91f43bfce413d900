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
//! | [`Push`], [`Pull`] | each message to one of many, in turn or to the one with the least queued ([`Balance`]) | the sender waits |
//! | [`Req`], [`Rep`] | a request to one of many, the answer back | the asker waits; an answer is dropped and counted |
//! | [`Pub`], [`Sub`] | each message to all that subscribed to its beginning | dropped for that peer, counted; or the oldest is, or the sender waits ([`Overflow`]) |
//! | [`Surveyor`], [`Respondent`] | a question to all, their answers until a deadline | dropped for that peer, counted |
//! | [`Pair`] | one to one | the sender waits |
//! | [`Bus`] | each message to all others | dropped for that peer, counted |
//!
//! # Addresses and endpoints
//!
//! `listen` and `dial` take addresses, such as `tcp://127.0.0.1:5555`, and endpoints that have settings of their own: `Tcp`,
//! `Ipc` and `Inproc`, and [`Endpoint`] for an address of any transport. What only a listener has, such as a backlog, makes an
//! endpoint that cannot be dialed: that does not compile. [`transport::Dialable`] and [`transport::Listenable`] are there for
//! transports of your own.
//!
//! ```
//! use std::time::Duration;
//! use hubless::{Endpoint, Pull, Push, Tcp};
//!
//! let pull = Pull::new()?;
//! let at = pull.listen(Tcp::any(0).backlog(512).max_connections(100))?;
//! let port = at.address().rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
//!
//! let push = Push::new()?;
//! let quickly = Duration::from_millis(10)..=Duration::from_secs(1);
//! push.dial(Tcp::new("127.0.0.1", port).interface("lo").reconnect(quickly.clone()))?;
//! push.dial(Endpoint::new(format!("tcp://127.0.0.1:{port}")).reconnect(quickly))?;
//! push.wait_for_peers(2, Duration::from_secs(10))?;
//! # Ok::<(), hubless::Error>(())
//! ```
//!
//! # Who is let in
//!
//! Everybody who can connect, unless a listener asks: [`Users`](admission::Users) of the machine over ipc, and a judge over
//! anything, who answers at once or later: see [`admission`]. A peer that is refused never had a pipe, and is counted in [`Refused::denied`].
//!
//! ```
//! use hubless::admission::Users;
//! use hubless::{Endpoint, Pull};
//!
//! let pull = Pull::new()?;
//! # let path = std::env::temp_dir().join(format!("jobs-{}.sock", std::process::id()));
//! # let path = path.display();
//! pull.listen(Endpoint::new(format!("ipc://{path}")).admission(Users::same()))?;
//! let at = Endpoint::new("inproc://ask");
//! pull.listen(at.admit(|applicant| applicant.refuse("we are closed")))?;
//! # Ok::<(), hubless::Error>(())
//! ```
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
//! the socket's reading and writing by itself; one background thread per [`Context`] does what nobody waits for. No call is
//! safe in a signal handler; what else signals and `fork` mean to a program is a chapter of its own
//! ([`guide::processes`]).
//!
//! # Futures
//!
//! What waits for a message, for room, for an answer, for peers, for an event or for the end of a socket has an `_async` namesake:
//! a [`future`] for any executor, `Send`, and safe to drop at any time. No runtime is needed and none is started. Futures and
//! threads can be mixed on one socket.
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
//! A message arrives whole or not at all. Every message that hubless itself drops is counted by reason in [`Stats`], of either side;
//! what the system had taken is lost if the machine fails, or the peer dies or closes before it has read it. A
//! connection that fails says why in [`Dialer::status`] or [`Listener::status`], and in the log (crate `log`; peers that
//! were turned away are warnings of the target `hubless::peers`, at most ten a second). A [`Monitor`] tells a program of each as it
//! happens.
//!
//! # The guide
//!
//! [`guide`]: how to close, which pattern to choose, what is guaranteed, reliable topologies, coming from other libraries,
//! tuning, and what to do when nothing arrives.
//!
//! # The wire
//!
//! hubless speaks SP, as nanomsg, NNG and mangos do; references such as "sp.md section 7" in this documentation mean the
//! protocol notes that the code was written from, `docs/sp.md` in the repository, which follow the nanomsg RFCs and the wire.

pub mod admission;
#[cfg(all(test, feature = "inproc"))]
mod background_death;
mod device;
mod engine;
mod error;
// For the tool, which is made with it; no part of the public interface.
#[doc(hidden)]
pub mod human;
pub mod monitor;
#[cfg(all(test, feature = "tcp", feature = "ipc"))]
mod second_wire;
mod socket;
mod stats;
mod traffic;
mod transports;

pub use bytes::Bytes;
pub use device::{Device, DeviceReport, Reflects, RunningDevice, Stopper};
pub use engine::{
    CloseReport, Context, ContextBuilder, Dialer, DialerState, DialerStatus, Listener, ListenerStatus,
    Monitor, Ready, close_all,
};
pub use error::{Error, SendError, WaitingFor};
/// It is set by [`Builder::balance`], of [`Push`], [`Req`] and their [`raw`] forms.
pub use hubless_protocol::patterns::Balance;
/// It is set by [`Builder::overflow`]; see also [`Builder::send_buffer`] and [`Drops::peer_full`].
pub use hubless_protocol::patterns::Overflow;
pub use hubless_transport as transport;
pub use hubless_transport::{Endpoint, FramesError, Message};
pub use monitor::{Event, EventKind};
pub use socket::{
    Answer, Builder, Bus, CanRecv, CanSend, EventIter, Iter, Pair, Pending, Poller, Pub, Pull, Push,
    RecvSocket, Rep, Req, Request, Respondent, SendSocket, Socket, Sub, Survey, SurveyEnd, Surveyor, Unsent,
    close_all_async, future, raw,
};
pub use stats::{Drops, ProtocolViolations, Refused, Stats};
pub use traffic::{DialerStats, ListenerStats, PipeStats, Traffic};
#[cfg(feature = "inproc")]
pub use transports::Inproc;
#[cfg(feature = "ipc")]
pub use transports::Ipc;
#[cfg(feature = "tcp")]
pub use transports::{Keepalive, Tcp};

#[cfg(any(doc, doctest))]
pub mod guide;

/// The programs in the README are compiled and run with the examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
