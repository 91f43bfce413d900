//! What a background thread has to do at a certain time.

use std::collections::BTreeSet;

use hubless_protocol::patterns::Time;

use super::sys::ids::SocketId;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The handshake with this key and serial number has taken too long.
    Handshake(usize, u64),
    /// The next attempt of a dialer.
    Dial(usize),
    /// A listener that paused tries again.
    Accept(usize),
    /// A look at how all pipes get on.
    Look,
    /// The end of the time that a closing socket has.
    Close(SocketId),
    /// The timer of a socket's pattern.
    Pattern(SocketId),
    /// A socket whose event loop the system refuses to have watched.
    Serve(SocketId),
}

/// Times and what they are for, earliest first.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Time, Due)>,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Time, due: Due) {
        self.queue.insert((at, due));
    }

    pub(super) fn cancel(&mut self, at: Time, due: Due) {
        self.queue.remove(&(at, due));
    }

    /// The earliest time.
    pub(crate) fn next(&self) -> Option<Time> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes what is due at `now`.
    pub(crate) fn take(&mut self, now: Time) -> Option<Due> {
        let due = self.queue.first().filter(|(at, _)| *at <= now)?.1;
        self.queue.pop_first();
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_jump_to_the_end_of_time_makes_everything_due_once() {
        let mut timers = Timers::default();
        let last_hour = Time(u64::MAX - 3_600_000_000_000);
        timers.set(last_hour, Due::Dial(1));
        timers.set(last_hour.after(Duration::from_secs(7200)), Due::Dial(2));
        timers.set(last_hour.after(Duration::MAX), Due::Dial(3));
        assert_eq!(timers.take(Time(1)), None);
        for key in 1..=3 {
            assert_eq!(timers.take(Time(u64::MAX)), Some(Due::Dial(key)));
        }
        assert_eq!(timers.take(Time(u64::MAX)), None);
    }

    #[test]
    fn timers_come_in_the_order_of_their_times_and_only_once_due() {
        let mut timers = Timers::default();
        timers.set(Time(30), Due::Dial(3));
        timers.set(Time(10), Due::Dial(1));
        timers.set(Time(20), Due::Dial(2));
        timers.cancel(Time(20), Due::Dial(2));
        assert_eq!(timers.next(), Some(Time(10)));
        assert_eq!(timers.take(Time(9)), None);
        assert_eq!(timers.take(Time(40)), Some(Due::Dial(1)));
        assert_eq!(timers.take(Time(40)), Some(Due::Dial(3)));
        assert_eq!(timers.take(Time(40)), None);
    }
}
