//! The libraries, each behind the same few roles.
//!
//! A role is a whole loop, not a call: each library runs its own loop over its own calls, and what is measured is written
//! once, in `end`, and inlined into it. Nothing is dispatched for each message.

mod hubless;
#[cfg(feature = "libzmq")]
mod libzmq;
mod raw;

use crate::Outcome;
use crate::contestant::{Library, Setting};
use crate::end::{Arrivals, Letters, Link, Rounds};

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
        #[allow(unreachable_patterns, reason = "a library may be left out of a build")]
        _ => Err(format!("{library} is not in this build").into()),
    }
}
