//! Where the threads of the program meet: the first to know how it ends says so, and the main thread ends it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::now;
use crate::exit::Outcome;

/// The end of the program, once it is known.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    outcome: Mutex<Option<Outcome>>,
    known: Condvar,
}

impl Ending {
    /// Ends the program; whether this was the first to do so. The first outcome stands.
    pub(crate) fn end(&self, outcome: Outcome) -> bool {
        let mut known = self.lock();
        let first = known.is_none();
        known.get_or_insert(outcome);
        drop(known);
        self.known.notify_all();
        first
    }

    /// The outcome, as soon as it is known, or nothing after `at_most`.
    pub(crate) fn wait(&self, at_most: Duration) -> Option<Outcome> {
        let until = now().checked_add(at_most);
        let mut known = self.lock();
        while known.is_none() {
            let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(now()));
            if left.is_zero() {
                break;
            }
            known = self.known.wait_timeout(known, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        known.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_outcome_stands() {
        let ending = Ending::default();
        assert_eq!(ending.wait(Duration::ZERO), None);
        assert!(ending.end(Outcome::Done));
        assert!(!ending.end(Outcome::Failed(String::new())));
        assert_eq!(ending.wait(Duration::MAX), Some(Outcome::Done));
    }
}
