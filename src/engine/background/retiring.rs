//! The background thread's part in closing a socket: what is queued is written, up to a time, and then it is let go.

use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;

use super::control::close_report::CloseReport;
use super::control::completion::Completion;
use super::sys::ids::EndpointId;
use super::sys::ids::SocketId;
use super::timers::Due;
use super::worker::Worker;

/// How often a closing socket is looked at though nothing happens.
const LOOK: Duration = Duration::from_millis(2);
/// The looks at all closing sockets take at most one part in this many of the thread's time.
const PART: u32 = 8;

/// The pause after a look at all closing sockets that took so long.
pub(super) fn pause_between_looks(took: Duration) -> Duration {
    LOOK.max(took.saturating_mul(PART - 1))
}

/// A socket on its way out.
#[derive(Debug)]
pub(super) struct Retiring {
    until: Time,
    done: Vec<Arc<Completion<CloseReport>>>,
}

impl Worker {
    pub(super) fn close(&mut self, id: SocketId, until: Time, done: Option<Arc<Completion<CloseReport>>>) {
        if let Some(retiring) = self.retiring.get_mut(&id) {
            // A handle that is dropped does not shorten a close that somebody waits for, and such a close takes the place of
            // the linger of a drop; of two that wait, the shorter counts.
            if let Some(done) = done {
                self.timers.cancel(retiring.until, Due::Close(id));
                retiring.until = if retiring.done.is_empty() { until } else { retiring.until.min(until) };
                retiring.done.push(done);
                self.timers.set(retiring.until, Due::Close(id));
            }
            return;
        }
        let Some(socket) = self.sockets.get(&id).map(Arc::clone) else {
            if let Some(done) = done {
                done.finish(CloseReport::default());
            }
            return;
        };
        let endpoints = (id, EndpointId::Dialer(0))..=(id, EndpointId::Listener(usize::MAX));
        for (_, endpoint) in self.endpoints.range(endpoints).copied().collect::<Vec<_>>() {
            match endpoint {
                EndpointId::Dialer(key) => self.close_dialer(key),
                EndpointId::Listener(key) => self.close_listener(key),
            }
        }
        socket.begin_close();
        self.retiring.insert(id, Retiring { until, done: done.into_iter().collect() });
        self.timers.set(until, Due::Close(id));
        self.run.push(id);
        self.retiring_looks.add(id, self.clock.now());
    }

    /// A look at the next of the closing sockets, whose time has come. What is served for an event is looked at then; but what a
    /// caller has still written, nobody tells of.
    pub(super) fn retire_next(&mut self, now: Time) -> bool {
        let Some(id) = self.retiring_looks.take(now) else { return false };
        if self.sockets.get(&id).is_some_and(|socket| socket.serve()) {
            self.run.push(id);
        }
        self.look_at_retiring(id, now);
        if self.retiring.contains_key(&id) {
            self.retiring_looks.keep(id);
        }
        true
    }

    /// If this socket is closing, goes on with that, and lets it go when all is written or its time is over.
    pub(super) fn look_at_retiring(&mut self, id: SocketId, now: Time) {
        let Some(until) = self.retiring.get(&id).map(|retiring| retiring.until) else { return };
        let Some(socket) = self.sockets.get(&id) else { return };
        if !socket.go_on_closing() && now < until {
            socket.bury();
            return;
        }
        let report = socket.end_close();
        socket.bury();
        self.sockets.remove(&id);
        self.timers.cancel(until, Due::Close(id));
        for done in self.retiring.remove(&id).into_iter().flat_map(|retiring| retiring.done) {
            done.finish(report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_many_closing_sockets_leave_most_of_the_time_to_others() {
        assert_eq!(pause_between_looks(Duration::ZERO), LOOK);
        for took in [1, 10, 30_000].map(Duration::from_millis) {
            assert!(pause_between_looks(took) >= took * 7);
        }
    }
}
