//! Waiting: conditions that come to hold, and watchdogs for tests that hang. The tests inside the library have this file, too.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// A test that takes so long hangs.
pub const LIMIT: Duration = Duration::from_secs(120);
/// What is to happen at once has happened by then, on however busy a machine.
pub const SOON: Duration = Duration::from_secs(60);
/// Long enough to see that something does not happen, where there is no better sign.
pub const WHILE: Duration = Duration::from_millis(100);

#[expect(clippy::disallowed_methods, reason = "tests have no clock of the engine")]
pub fn now() -> Instant {
    Instant::now()
}

/// Waits for so long, where waiting is what is tested.
pub fn pause(time: Duration) {
    holds_within(time, || false);
}

/// Runs `body` and fails if it hangs.
pub fn within(limit: Duration, body: impl FnOnce() + Send + 'static) {
    finish("the test", &spawn("watched", body), now() + limit);
}

pub(crate) type Outcome = std::sync::mpsc::Receiver<thread::Result<()>>;

pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Outcome {
    let (report, outcome) = sync_channel(1);
    let task = move || {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        let _ = report.send(result);
    };
    thread::Builder::new().name(name.into()).spawn(task).expect("a thread");
    outcome
}

pub(crate) fn finish(name: &str, outcome: &Outcome, end: Instant) {
    match outcome.recv_timeout(end.saturating_duration_since(now())) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => {
            eprintln!("failed: {name}");
            resume_unwind(panic)
        }
        Err(RecvTimeoutError::Timeout) => panic!("{name} hangs"),
        Err(RecvTimeoutError::Disconnected) => panic!("{name} ended without a word"),
    }
}

/// Waits until `condition` holds.
#[track_caller]
pub fn eventually(condition: impl FnMut() -> bool) {
    assert!(holds_within(SOON, condition), "what was waited for has not happened");
}

/// Waits until `view` shows something that `expected` accepts, and says what it saw last if it never does.
#[track_caller]
pub fn eventually_sees<T: std::fmt::Debug>(view: impl Fn() -> T, expected: impl Fn(&T) -> bool) -> T {
    let mut last = view();
    let happened = holds_within(SOON, || {
        last = view();
        expected(&last)
    });
    assert!(happened, "what was waited for has not happened; seen last: {last:?}");
    last
}

/// Fails if `condition` ceases to hold within a short while.
#[track_caller]
pub fn stays(mut condition: impl FnMut() -> bool) {
    assert!(!holds_within(WHILE, || !condition()), "what was to stay has changed");
}

/// Whether `condition` comes to hold within this time.
pub fn holds_within(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = now() + limit;
    loop {
        if condition() {
            return true;
        }
        if now() > end {
            return false;
        }
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Waits until the count has not changed for a while.
pub fn stalled(count: impl Fn() -> usize) -> usize {
    let mut last = (count(), now());
    eventually(|| {
        if count() != last.0 {
            last = (count(), now());
        }
        last.1.elapsed() > Duration::from_millis(200)
    });
    last.0
}
