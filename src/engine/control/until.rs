//! How long a call of a user may wait, on the engine's clock.

use std::time::{Duration, Instant};

use hubless_protocol::patterns::Time;

use super::sys::clock::Clock;
use super::wait::block_on::Deadline;
use crate::error::{Error, WaitingFor};

/// How long a call may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// As long as it takes.
    Forever,
    /// To this time of this clock, which was so far away.
    Time(Clock, Time, Duration),
}

impl Until {
    #[inline]
    pub(crate) fn after(clock: Clock, timeout: Option<Duration>) -> Self {
        timeout.map_or(Self::Forever, |timeout| Self::Time(clock, clock.now().after(timeout), timeout))
    }

    pub(crate) fn deadline(clock: Clock, deadline: Instant) -> Self {
        Self::at(clock, clock.time_of(deadline))
    }

    pub(crate) fn at(clock: Clock, time: Time) -> Self {
        Self::Time(clock, time, time.since(clock.now()))
    }

    /// It is over, and this had not come.
    #[cold]
    pub(crate) fn timed_out(&self, waiting_for: WaitingFor) -> Error {
        let waited = match self {
            Self::Forever => Duration::MAX,
            Self::Time(.., time) => *time,
        };
        Error::Timeout { waited, waiting_for }
    }
}

impl Deadline for Until {
    #[inline]
    fn left(&self) -> Option<Duration> {
        match self {
            Self::Forever => None,
            Self::Time(clock, time, _) => Some(time.since(clock.now())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_to_the_end_of_what_can_be_counted_is_long_and_one_to_the_beginning_is_over() {
        let clock = Clock::start();
        assert!(Until::after(clock, Some(Duration::MAX)).left() > Some(Duration::from_secs(1)));
        assert_eq!(Until::at(clock, Time(0)).left(), Some(Duration::ZERO));
    }
}
