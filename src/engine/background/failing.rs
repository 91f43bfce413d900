//! The background thread's part in what the system refuses: its own event loop, and those of sockets.

use std::io;
use std::time::Duration;

use super::sys::ids::SocketId;
use super::sys::logging::{Level, log_line};
use super::sys::sync::Parker;
use super::timers::Due;
use super::worker::Worker;

/// How often a socket is looked at that cannot be watched.
const REWATCH: Duration = Duration::from_millis(10);

impl Worker {
    /// Whether there is anything left to do, and a way to.
    pub(super) fn goes_on(&self) -> bool {
        let finished = self.stopping && self.sockets.is_empty() && self.departures.is_empty();
        !finished && !self.failures.are_for_good() && !self.handle.is_condemned() && !self.handle.is_forked()
    }

    /// The event loop gave an error.
    #[cold]
    pub(super) fn failed(&mut self, error: &io::Error) {
        let pause = self.failures.add(self.clock.now());
        if self.failures.are_new() {
            log_line!(
                Level::Error,
                "the event loop of the background thread failed, and is tried again: {error}"
            );
        } else if self.failures.are_for_good() {
            self.dies_of = Some(format!("is dead, because its event loop fails for good ({error})"));
        }
        Parker::current().park(Some(pause));
    }

    /// The system refuses to have a socket's event loop watched.
    pub(super) fn watch_later(&mut self, id: SocketId) {
        if self.unwatched.insert(id) {
            self.timers.set(self.clock.now().after(REWATCH), Due::Serve(id));
        }
    }
}
