//! Within a process: a bounded queue between two threads.

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, bounded};

use crate::Outcome;
use crate::end::{Arrivals, Letter, Letters, Link, Rounds};

/// Messages that a queue holds.
const BOUND: usize = 1024;
/// Octets that are moved in place.
const INLINE: usize = 64;

enum Parcel {
    Inline { octets: [u8; INLINE], length: usize },
    Shared(Bytes),
}

/// One queue for each direction.
#[derive(Debug)]
pub(super) struct Channels {
    there: (Sender<Parcel>, Receiver<Parcel>),
    back: (Sender<Parcel>, Receiver<Parcel>),
}

impl Default for Channels {
    fn default() -> Self {
        Self { there: bounded(BOUND), back: bounded(BOUND) }
    }
}

impl Channels {
    pub(super) fn pull(&self, link: &Link, arrivals: &mut Arrivals) -> Outcome<()> {
        link.ready();
        while arrivals.wanted() {
            arrivals.note(self.there.1.recv()?.octets());
        }
        Ok(())
    }

    pub(super) fn push(&self, letters: &mut Letters) -> Outcome<()> {
        while let Some(letter) = letters.next() {
            let parcel = match letter {
                Letter::Written(octets) => Parcel::new(octets),
                Letter::Shared { body, .. } => Parcel::Shared(body.clone()),
            };
            self.there.0.send(parcel).map_err(|_| GONE)?;
        }
        Ok(())
    }

    pub(super) fn rep(&self, link: &Link) -> Outcome<()> {
        link.ready();
        loop {
            self.back.0.send(self.there.1.recv()?).map_err(|_| GONE)?;
        }
    }

    pub(super) fn req(&self, rounds: &mut Rounds) -> Outcome<()> {
        while let Some(question) = rounds.next() {
            self.there.0.send(Parcel::new(question)).map_err(|_| GONE)?;
            rounds.finish(self.back.1.recv()?.octets());
        }
        Ok(())
    }
}

const GONE: &str = "the other end has gone";

impl Parcel {
    #[inline]
    fn new(body: &[u8]) -> Self {
        let mut octets = [0; INLINE];
        match octets.get_mut(..body.len()) {
            Some(place) => {
                place.copy_from_slice(body);
                Self::Inline { octets, length: body.len() }
            }
            None => Self::Shared(Bytes::copy_from_slice(body)),
        }
    }

    #[inline]
    fn octets(&self) -> &[u8] {
        match self {
            Self::Inline { octets, length } => &octets[..*length],
            Self::Shared(bytes) => bytes,
        }
    }
}
