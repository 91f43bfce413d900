//! Something that a background thread finishes and another thread, or a future, waits for, as long as it likes.

use std::task::Waker;
use std::time::Duration;

use super::sys::sync::{Condvar, Mutex, wake_task};
use super::wait::block_on::Deadline;
use super::worker_handle::WorkerHandle;

/// What comes of it.
#[derive(Debug)]
pub(crate) struct Completion<T> {
    state: Mutex<State<T>>,
    finished: Condvar,
}

#[derive(Debug)]
struct State<T> {
    /// There is a result, or was one.
    is_finished: bool,
    result: Option<T>,
    /// That of the future which waits. It is left under the lock in which there was no result.
    waker: Option<Waker>,
}

impl<T> Default for Completion<T> {
    fn default() -> Self {
        let state = State { is_finished: false, result: None, waker: None };
        Self { state: Mutex::new(state), finished: Condvar::default() }
    }
}

/// How often a waiter makes sure that the background thread is alive.
pub(super) const ALIVE: Duration = Duration::from_millis(500);

impl<T> Completion<T> {
    /// Who finishes second does nothing.
    pub(crate) fn finish(&self, result: T) {
        let mut state = self.state.lock();
        if state.is_finished {
            return;
        }
        state.is_finished = true;
        state.result = Some(result);
        let waker = state.waker.take();
        drop(state);
        self.finished.notify_all();
        if let Some(waker) = waker {
            wake_task(waker);
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.state.lock().is_finished
    }

    /// The result, once; where there is none, `waker` is woken when there is.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<T> {
        // Cloning and dropping a waker runs code of the user's, so that is done without the lock.
        let mut waker = Some(waker.clone());
        let mut state = self.state.lock();
        let result = state.result.take();
        if !state.is_finished {
            std::mem::swap(&mut state.waker, &mut waker);
        }
        drop(state);
        drop(waker);
        result
    }

    /// The result; none if the deadline is over before there is one, or the background thread has died. A background thread must not wait.
    pub(super) fn wait(&self, worker: &WorkerHandle, deadline: &impl Deadline) -> Option<T> {
        let mut state = self.state.lock();
        loop {
            if let Some(result) = state.result.take() {
                return Some(result);
            }
            let left = deadline.left();
            if worker.check().is_err() || left.is_some_and(|left| left.is_zero()) {
                return None;
            }
            let limit = left.map_or(ALIVE, |left| left.min(ALIVE));
            state = self.finished.wait_timeout(state, limit).0;
        }
    }
}
