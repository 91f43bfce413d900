//! The engine's clock: the one place that reads the system's.

use std::time::{Instant, SystemTime};

use hubless_protocol::patterns::Time;

use super::fork::PerProcess;

/// Monotonic time since the process first asked for it: the same for all contexts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    pub(crate) fn start() -> Self {
        static START: PerProcess<Instant> = PerProcess::new(Instant::now);
        Self { start: *START.get() }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    pub(crate) fn now(&self) -> Time {
        Time::default().after(Instant::now().duration_since(self.start))
    }

    /// The date and time, for people: it may jump.
    #[expect(clippy::unused_self, reason = "only who has the clock asks")]
    pub(crate) fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    /// The `Instant` that a time means.
    pub(crate) fn instant_of(&self, time: Time) -> Instant {
        self.start + time.since(Time::default())
    }

    /// The time that an `Instant` of the caller's means; the past is now's beginning.
    pub(crate) fn time_of(&self, instant: Instant) -> Time {
        Time::default().after(instant.saturating_duration_since(self.start))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_at_the_end_of_what_can_be_counted_have_an_instant() {
        let (clock, end) = (Clock::start(), Time(u64::MAX));
        assert_eq!(clock.time_of(clock.instant_of(end)), end);
        assert_eq!(end.after(Duration::from_secs(1)), end);
        assert_eq!(Time(0).since(end), Duration::ZERO);
    }
}
