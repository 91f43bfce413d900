//! Shows, outside of a socket, whether a call is worth a try.
//!
//! Whether a lamp is to be lit is decided under the socket's lock, and what that takes, such as a call of the system, is done
//! after unlocking. Several threads may be on their way there, and the one that decided last is not the last to arrive.
//! So nobody shows what it decided: each shows what was decided last.

use std::fmt;

use super::sync::Mutex;

/// What a lamp is seen by.
pub(crate) trait Show: fmt::Debug + Send + Sync {
    /// Called in turn with `true` and `false`, under a lock of the lamp's own.
    fn show(&self, lit: bool);
}

/// One lamp.
#[derive(Debug)]
pub(crate) struct Lamp {
    decided: Mutex<bool>,
    shown: Mutex<bool>,
    show: Box<dyn Show>,
}

impl Lamp {
    /// A lamp that is not lit.
    pub(crate) fn new(show: Box<dyn Show>) -> Self {
        Self { decided: Mutex::new(false), shown: Mutex::new(false), show }
    }

    /// Decides, under the socket's lock. Whoever does so calls [`settle`](Self::settle) once it has unlocked.
    pub(crate) fn decide(&self, lit: bool) {
        *self.decided.lock() = lit;
    }

    /// Shows what was decided last.
    pub(crate) fn settle(&self) {
        let mut shown = self.shown.lock();
        let decided = *self.decided.lock();
        if decided != *shown {
            *shown = decided;
            self.show.show(decided);
        }
    }
}
