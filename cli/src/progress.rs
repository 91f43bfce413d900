//! `--timeout`: how long nothing may happen.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hubless::Error;

use crate::clock::now;

/// When something was last sent or received, by whichever thread. Only time spent waiting for peers counts as lost: not the
/// time between two lines of input or two turns of `--interval`.
#[derive(Debug)]
pub(crate) struct Progress {
    patience: Option<Duration>,
    last: Mutex<Instant>,
    /// Threads that do something else than wait for peers.
    busy: AtomicUsize,
}

impl Progress {
    pub(crate) fn new(patience: Option<Duration>) -> Self {
        Self { patience, last: Mutex::new(now()), busy: AtomicUsize::new(0) }
    }

    /// Does something that takes time without waiting for peers. That counts as progress.
    pub(crate) fn busy<T>(&self, work: impl FnOnce() -> T) -> T {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let done = work();
        self.note();
        self.busy.fetch_sub(1, Ordering::Relaxed);
        done
    }

    /// Does something that waits, and may wait until the instant it is given; without one, for ever.
    pub(crate) fn attempt<T>(
        &self,
        mut wait: impl FnMut(Option<Instant>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let begun = now();
        loop {
            match wait(self.limit(begun)) {
                Err(Error::Timeout { .. }) if self.limit(begun).is_none_or(|limit| limit > now()) => {}
                result => {
                    if result.is_ok() {
                        self.note();
                    }
                    return result;
                }
            }
        }
    }

    /// The whole patience, for ever if there is no limit.
    pub(crate) fn patience(&self) -> Duration {
        self.patience.unwrap_or(Duration::MAX)
    }

    /// Something was done just now.
    fn note(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = now();
    }

    /// The end of a wait that began at `begun`.
    fn limit(&self, begun: Instant) -> Option<Instant> {
        if self.busy.load(Ordering::Relaxed) > 0 {
            self.note();
        }
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        begun.max(last).checked_add(self.patience?)
    }
}

#[cfg(test)]
mod tests {
    use hubless::WaitingFor;

    use super::*;

    fn timeout() -> Error {
        Error::Timeout { waited: Duration::ZERO, waiting_for: WaitingFor::Message }
    }

    #[test]
    fn a_wait_goes_on_when_another_thread_got_on_meanwhile() {
        let progress = Progress::new(Some(Duration::from_secs(3600)));
        let mut attempts = 0;
        let done = progress.attempt(|_| {
            attempts += 1;
            if attempts < 3 { Err(timeout()) } else { Ok(attempts) }
        });
        assert!(matches!(done, Ok(3)));
    }

    #[test]
    fn a_wait_without_progress_ends() {
        let progress = Progress::new(Some(Duration::ZERO));
        assert!(matches!(progress.attempt::<()>(|_| Err(timeout())), Err(Error::Timeout { .. })));
    }

    #[test]
    fn a_wait_goes_on_while_another_thread_works() {
        let progress = Progress::new(Some(Duration::from_millis(1)));
        let mut attempts = 0;
        let done = progress.busy(|| {
            progress.attempt(|limit| {
                attempts += 1;
                while limit.is_some_and(|limit| limit > now()) {}
                if attempts < 3 { Err(timeout()) } else { Ok(attempts) }
            })
        });
        assert!(matches!(done, Ok(3)));
    }

    #[test]
    fn an_immense_limit_is_none() {
        let progress = Progress::new(Some(Duration::MAX));
        assert!(progress.attempt(|limit| Ok(limit.is_none())).unwrap());
    }
}
