use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use hubless::Stats;

use crate::socket::AnySocket;
use hubless_kit::holds_within;

/// How long a message is waited for that must come.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Closes sockets when the thread panics, so that a thread that waits at one of them ends, too, and the failure is seen.
pub(super) struct Tied<'a>(pub(super) Vec<&'a dyn AnySocket>);

impl Drop for Tied<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.iter().for_each(|socket| socket.shut());
        }
    }
}

/// What a thread came to; where it panicked, so does this one, with the same words.
pub(super) fn outcome<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// The counts of a socket, once they are as is expected.
#[track_caller]
pub(super) fn settled(socket: &dyn AnySocket, expected: impl Fn(&Stats) -> bool) -> Stats {
    let settles = holds_within(PATIENCE, || expected(&socket.counted()));
    let stats = socket.counted();
    assert!(settles, "the counts have not become what they should: {stats:?}");
    stats
}
