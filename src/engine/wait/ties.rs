//! Those who want to know that a socket closes while they wait for something else.

use std::fmt;
use std::sync::{Arc, Weak};

use super::sys::sync::Mutex;

/// What is done when a socket closes; called without a lock, by any thread.
pub(crate) type Tie = dyn Fn() + Send + Sync;

/// What is to be done when one socket closes.
#[derive(Default)]
pub(crate) struct Ties(Mutex<Vec<Weak<Tie>>>);

impl Ties {
    /// Adds one, for as long as somebody holds it. The caller then looks whether the socket has closed already: whoever
    /// closes it says so first and pulls the ties afterwards, so one of the two finds the other.
    pub(crate) fn add(&self, tie: &Arc<Tie>) {
        let mut ties = self.0.lock();
        ties.retain(|other| other.strong_count() > 0);
        ties.push(Arc::downgrade(tie));
    }

    /// The socket has closed.
    pub(crate) fn pull(&self) {
        let ties = std::mem::take(&mut *self.0.lock());
        for tie in ties.iter().filter_map(Weak::upgrade) {
            tie();
        }
    }
}

impl fmt::Debug for Ties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ties")
    }
}
