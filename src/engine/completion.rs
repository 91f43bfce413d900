//! Something that a background thread finishes and another thread waits for.

use std::time::Duration;

use super::mailbox::Mailbox;
use super::sync::{Condvar, Mutex};

/// What comes of it.
#[derive(Debug, Default)]
pub(crate) struct Completion<T> {
    result: Mutex<Option<T>>,
    finished: Condvar,
}

/// How often a waiter makes sure that the background thread is alive.
const ALIVE: Duration = Duration::from_millis(500);

impl<T: Default> Completion<T> {
    pub(crate) fn finish(&self, result: T) {
        *self.result.lock() = Some(result);
        self.finished.notify_all();
    }

    /// The result, or the default one if the background thread has died or is the one that asks, in a judge of admission.
    pub(crate) fn wait(&self, mailbox: &Mailbox) -> T {
        if mailbox.is_read_here() {
            return T::default();
        }
        let mut result = self.result.lock();
        loop {
            if let Some(result) = result.take() {
                return result;
            }
            if mailbox.check().is_err() {
                return T::default();
            }
            result = self.finished.wait_timeout(result, ALIVE).0;
        }
    }
}
