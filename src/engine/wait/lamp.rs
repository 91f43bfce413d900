//! Shows, outside of a socket, whether a call is worth a try.
//!
//! Whether a lamp is to be lit is decided under the socket's lock, and what that takes, such as a call of the system, is done
//! after unlocking. Several threads may be on their way there, and the one that decided last is not the last to arrive.
//! So nobody shows what it decided: each shows what was decided last.
//!
//! An event loop may look for edges only, so a lamp that was put out and lit again is shown going out and on, even if both
//! was decided before anybody came to show the first.

use std::fmt;

use super::sys::sync::Mutex;

/// What a lamp is seen by.
pub(crate) trait Show: fmt::Debug + Send + Sync {
    /// Called in turn with `true` and `false`, under a lock of the lamp's own.
    fn show(&self, lit: bool);
}

/// One lamp.
#[derive(Debug)]
pub(crate) struct Lamp {
    decided: Mutex<State>,
    shown: Mutex<State>,
    show: Box<dyn Show>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    lit: bool,
    /// How often it has been lit.
    times: u64,
}

impl Lamp {
    /// A lamp that is not lit.
    pub(crate) fn new(show: Box<dyn Show>) -> Self {
        Self { decided: Mutex::new(State::default()), shown: Mutex::new(State::default()), show }
    }

    /// Decides, under the socket's lock, otherwise than before. Whoever does so calls [`settle`](Self::settle) once it has
    /// unlocked.
    pub(crate) fn decide(&self, lit: bool) {
        let mut decided = self.decided.lock();
        *decided = State { lit, times: decided.times + u64::from(lit) };
    }

    /// Shows what was decided last.
    pub(crate) fn settle(&self) {
        let mut shown = self.shown.lock();
        let decided = *self.decided.lock();
        if decided == *shown {
            return;
        }
        if shown.lit {
            self.show.show(false);
        }
        if decided.lit {
            self.show.show(true);
        }
        *shown = decided;
    }
}
