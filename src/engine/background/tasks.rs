//! What a background thread does, step by step: the kinds of its work, each of which has a slice of time in turn.

use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_transport::PutOff;

use super::scheduler::{Scheduled, Task};
use super::timers::Due;
use super::worker::Worker;

/// How often the pipes are looked at.
pub(super) const LOOK: Duration = Duration::from_secs(5);

/// What the thread does, in this order: each kind for a slice of time, then the next.
pub(super) const KINDS: [Task<Worker>; 13] = [
    Worker::obey_next,
    Worker::look_at_next,
    Worker::accept_next,
    Worker::fill_next,
    Worker::serve_next,
    Worker::flush_next,
    Worker::poll_next_handoff,
    Worker::meet_next,
    Worker::depart_next,
    Worker::retire_next,
    Worker::relieve_next,
    Worker::check_next,
    Worker::renew_next,
];

impl Worker {
    fn obey_next(&mut self, _: Time) -> bool {
        let Some(command) = self.unread.pop_front() else { return false };
        self.obey(command);
        true
    }

    fn look_at_next(&mut self, _: Time) -> bool {
        let Some(subject) = self.ready.pop_front() else { return false };
        self.look_at(subject);
        true
    }

    fn accept_next(&mut self, _: Time) -> bool {
        let Some(key) = self.accept_again.pop() else { return false };
        self.accept(key);
        true
    }

    fn serve_next(&mut self, now: Time) -> bool {
        let Some(id) = self.run.pop() else { return false };
        if self.sockets.get(&id).is_some_and(|socket| socket.serve()) {
            self.run.push(id);
        }
        self.look_at_retiring(id, now);
        true
    }

    fn flush_next(&mut self, now: Time) -> bool {
        let Some(id) = self.streams.take(now) else { return false };
        if self.sockets.get(&id).is_some_and(|socket| socket.flush_interval()) {
            self.streams.keep(id);
        }
        true
    }

    fn poll_next_handoff(&mut self, now: Time) -> bool {
        let Some(id) = self.handed_off.take(now) else { return false };
        if self.sockets.get(&id).is_some_and(|socket| socket.poll_handoff()) {
            self.handed_off.keep(id);
        }
        true
    }

    fn meet_next(&mut self, now: Time) -> bool {
        let Some(due) = self.timers.take(now) else { return false };
        self.meet(due, now);
        true
    }

    fn meet(&mut self, due: Due, now: Time) {
        match due {
            Due::Handshake(key, serial) => self.handshake_timed_out(key, serial),
            Due::Dial(key) => self.round_is_due(key),
            Due::Accept(key) => self.resume_accepting(key),
            Due::Look => self.look_around(now),
            Due::Close(id) => self.look_at_retiring(id, now),
            Due::Serve(id) => {
                self.unwatched.remove(&id);
                self.run.push(id);
            }
            Due::Pattern(id) => {
                if let Some(socket) = self.sockets.get(&id) {
                    socket.timer();
                }
            }
        }
    }

    fn relieve_next(&mut self, _: Time) -> bool {
        let Some((id, slot)) = self.to_relieve.pop() else { return false };
        let next = self.sockets.get(&id).and_then(|socket| socket.relieve(slot));
        self.to_relieve.put_back(id, next);
        true
    }

    fn check_next(&mut self, _: Time) -> bool {
        let Some(id) = self.to_check.pop() else { return false };
        if self.sockets.get(&id).is_some_and(|socket| socket.check_pipes()) {
            self.to_check.push(id);
        }
        true
    }

    /// Looks at what nothing else tells of: how pipes get on, and whether listeners can be found.
    pub(super) fn look_around(&mut self, now: Time) {
        self.listeners.keys().for_each(|key| self.to_renew.push(*key));
        self.sockets.keys().for_each(|id| self.to_check.push(*id));
        self.looking = !self.sockets.is_empty();
        if self.looking {
            self.timers.set(now.after(LOOK), Due::Look);
        }
    }
}

impl Scheduled for Worker {
    fn now(&self) -> Time {
        self.clock.now()
    }

    /// What is dropped on the way may be of the user's: a panic of it is none of this thread's. It waits for the end of the step, and no
    /// longer.
    fn run(&mut self, task: Task<Self>, now: Time) -> bool {
        let _put_off = PutOff::begin();
        task(self, now)
    }

    fn meet_deadlines(&mut self, now: Time) {
        while let Some(due) = self.deadlines.take(now) {
            let _put_off = PutOff::begin();
            self.meet(due, now);
        }
    }
}
