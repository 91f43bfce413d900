//! Something that a background thread finishes and another thread waits for, as long as it likes.

use std::time::Duration;

use super::sys::sync::{Condvar, Mutex};
use super::wait::block_on::Deadline;
use super::worker_handle::WorkerHandle;

/// What comes of it.
#[derive(Debug, Default)]
pub(crate) struct Completion<T> {
    result: Mutex<Option<T>>,
    finished: Condvar,
}

/// How often a waiter makes sure that the background thread is alive.
const ALIVE: Duration = Duration::from_millis(500);

impl<T> Completion<T> {
    pub(crate) fn finish(&self, result: T) {
        *self.result.lock() = Some(result);
        self.finished.notify_all();
    }

    /// The result; none if the deadline is over before there is one, or the background thread has died. A background thread must not wait.
    pub(super) fn wait(&self, worker: &WorkerHandle, deadline: &impl Deadline) -> Option<T> {
        let mut result = self.result.lock();
        loop {
            if let Some(result) = result.take() {
                return Some(result);
            }
            let left = deadline.left();
            if worker.check().is_err() || left.is_some_and(|left| left.is_zero()) {
                return None;
            }
            let limit = left.map_or(ALIVE, |left| left.min(ALIVE));
            result = self.finished.wait_timeout(result, limit).0;
        }
    }
}
