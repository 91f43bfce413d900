//! The libraries, each behind the same few roles.
//!
//! A role is a whole loop, not a call: each library runs its own loop over its own calls, and what is measured is written
//! once, in `end`, and inlined into it. Nothing is dispatched for each message.

mod hubless;
#[cfg(feature = "libzmq")]
mod libzmq;
#[cfg(feature = "nanomsg")]
mod nanomsg;
#[cfg(feature = "nng")]
mod nng;
mod omq;
mod raw;
mod rzmq;
mod zmq_rs;

use std::sync::Arc;

use crate::Outcome;
use crate::contestant::{Library, Setting};
use crate::end::{Arrivals, Audience, Broadcast, Heard, Letters, Link, Rounds};

/// Messages that are taken from one socket before the next one has its turn.
const TURN: usize = 256;

/// A library with its context, where it has one. It is shared by the two ends of an inproc connection.
pub trait Peer: Sized + Send + Sync + 'static {
    fn open(setting: Setting) -> Outcome<Self>;

    /// As the library itself has it, where it can be asked.
    fn version() -> String;

    /// Receives until nothing more is wanted.
    fn pull(&self, listen: &str, link: &Link, arrivals: &mut Arrivals) -> Outcome<()>;

    /// Sends all letters, and keeps the socket for as long as the link holds.
    fn push(&self, dial: &str, link: &Link, letters: &mut Letters) -> Outcome<()>;

    /// Answers every request with itself, until the process ends.
    fn rep(&self, listen: &str, link: &Link) -> Outcome<()>;

    /// Asks one request after the other.
    fn req(&self, dial: &str, link: &Link, rounds: &mut Rounds) -> Outcome<()>;

    /// Publishes the broadcast to this many that connect.
    fn publish(
        &self,
        listen: &str,
        link: &Link,
        subscribers: usize,
        broadcast: &mut Broadcast,
    ) -> Outcome<()>;

    /// Subscribes to everything, a socket for each seat of the audience.
    fn subscribe(&self, dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>>;

    /// Listens as a PULL, and does nothing for as long as the link holds.
    fn idle(&self, listen: &str, link: &Link) -> Outcome<()>;
}

/// Something to do with a library that is only known at run time.
pub trait Errand {
    type Fruit;

    fn run<P: Peer>(self) -> Outcome<Self::Fruit>;
}

/// Does it with this library.
pub fn with<E: Errand>(library: Library, errand: E) -> Outcome<E::Fruit> {
    match library {
        Library::Raw => errand.run::<raw::Raw>(),
        Library::Hubless => errand.run::<hubless::Hubless>(),
        #[cfg(feature = "libzmq")]
        Library::Libzmq => errand.run::<libzmq::Libzmq>(),
        #[cfg(feature = "nanomsg")]
        Library::Nanomsg => errand.run::<nanomsg::Nanomsg>(),
        #[cfg(feature = "nng")]
        Library::Nng => errand.run::<nng::Nng>(),
        Library::ZmqRs => errand.run::<zmq_rs::ZmqRs>(),
        Library::Rzmq => errand.run::<rzmq::Rzmq>(),
        Library::Omq => errand.run::<omq::Omq>(),
        #[allow(unreachable_patterns, reason = "a library may be left out of a build")]
        _ => Err(format!("{library} is not in this build").into()),
    }
}

/// The runtime that asynchronous libraries are documented with.
pub fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Waits for all subscribers.
async fn join(tasks: Vec<tokio::task::JoinHandle<Outcome<Heard>>>) -> Outcome<Vec<Heard>> {
    let mut heard = Vec::new();
    for task in tasks {
        heard.push(task.await??);
    }
    Ok(heard)
}
