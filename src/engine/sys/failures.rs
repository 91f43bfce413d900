//! What the system refuses: it is retried after pauses that grow, and logged once and not each time.

use std::time::Duration;

use hubless_protocol::patterns::Time;

/// Failures in a row after which an event loop is given up. With the pauses between them that is half a second.
const MOST: u32 = 10;
/// The longest of the pauses.
const LONGEST: u32 = 7;
/// An outage that returns within this is logged again, but the next time only after twice as long, up to the last.
const GAP: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));

/// Failures in a row of one event loop. They count by time: those that come before the pause after the last is over, from who looks
/// without waiting, are the same failure.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    count: u32,
    /// When the next counts.
    next: Time,
    told: bool,
}

impl Failures {
    #[inline]
    pub(crate) fn end(&mut self) {
        (self.count, self.told) = (0, false);
    }

    /// One more, and how long to wait before the next attempt.
    #[cold]
    pub(crate) fn add(&mut self, now: Time) -> Duration {
        if self.count > 0 && now < self.next {
            return self.next.since(now);
        }
        self.count = self.count.saturating_add(1);
        let pause = Duration::from_millis(1 << (self.count - 1).min(LONGEST));
        self.next = now.after(pause);
        pause
    }

    /// Whether they are to be told: asked once.
    pub(crate) fn are_new(&mut self) -> bool {
        !std::mem::replace(&mut self.told, true)
    }

    /// Whether no attempt makes sense any more.
    #[inline]
    pub(crate) fn are_for_good(&self) -> bool {
        self.count >= MOST
    }
}

/// Failures that begin, last and end, perhaps again and again. The beginning and the end are logged.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// Failures since it began; none while all is well.
    failures: u64,
    /// Its beginning was told.
    told: bool,
    /// Before this, an outage that begins anew is not logged.
    silent_until: Time,
    gap: Duration,
}

impl Outage {
    /// Something has failed. Whether that is to be told.
    pub(crate) fn failed(&mut self, now: Time) -> bool {
        self.failures += 1;
        if self.failures > 1 || now < self.silent_until {
            return false;
        }
        let calm = now.since(self.silent_until) > GAP.1;
        self.gap = if calm { GAP.0 } else { (self.gap * 2).clamp(GAP.0, GAP.1) };
        self.silent_until = now.after(self.gap);
        self.told = true;
        true
    }

    /// It has succeeded. How often it failed before, if its end is to be told.
    #[inline]
    pub(crate) fn succeeded(&mut self) -> Option<u64> {
        if self.failures == 0 { None } else { self.end() }
    }

    #[cold]
    fn end(&mut self) -> Option<u64> {
        let failures = std::mem::take(&mut self.failures);
        std::mem::take(&mut self.told).then_some(failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn trouble_is_told_when_it_begins_and_when_it_ends() {
        let mut outage = Outage::default();
        assert_eq!(outage.succeeded(), None);
        assert!(outage.failed(Time(SECOND)));
        assert!((2..100).all(|at| !outage.failed(Time(at * SECOND))));
        assert_eq!((outage.succeeded(), outage.succeeded()), (Some(99), None));
    }

    #[test]
    fn trouble_that_comes_and_goes_every_second_is_told_ever_more_rarely() {
        let mut outage = Outage::default();
        let mut told = 0;
        for at in 1..=7200 {
            told += usize::from(outage.failed(Time(at * SECOND)));
            outage.succeeded();
        }
        assert!((5..=15).contains(&told), "{told} lines in two hours");
        assert!(outage.failed(Time(1_000_000 * SECOND)), "after a long calm it is news again");
    }

    #[test]
    fn an_event_loop_is_given_up_after_half_a_second_of_failures_in_a_row() {
        let mut failures = Failures::default();
        let mut waited = Duration::ZERO;
        while !failures.are_for_good() {
            waited += failures.add(Time::default().after(waited));
        }
        assert!((Duration::from_millis(300)..Duration::from_secs(2)).contains(&waited), "{waited:?}");
        failures.end();
        assert!(!failures.are_for_good());
    }

    #[test]
    fn looks_without_waiting_end_an_event_loop_no_sooner_and_are_told_once() {
        let mut failures = Failures::default();
        let (mut now, mut told) = (Time::default(), 0);
        for _ in 0..1000 {
            failures.add(now);
            told += u32::from(failures.are_new());
            now = now.after(Duration::from_micros(2));
        }
        assert!(!failures.are_for_good(), "given up after {now:?}");
        while !failures.are_for_good() {
            failures.add(now);
            now = now.after(Duration::from_micros(200));
        }
        let lasted = now.since(Time::default());
        assert!((Duration::from_millis(300)..Duration::from_secs(2)).contains(&lasted), "{lasted:?}");
        failures.end();
        assert_eq!((told, failures.are_new()), (1, true));
    }
}
