//! Slices of time: whoever works for many works for one kind, or one of them, no longer than a slice before it is others' turn.
//!
//! A pass gives each kind of work one slice. Between any two steps the deadlines are looked at, so a deadline is met at most
//! one step late, and work of any kind waits no longer than a slice of each other kind.

use std::time::Duration;

use hubless_protocol::patterns::Time;

/// How long a slice is. It says how late others may be served, and stands for no cost: a slice is hundreds of times as long as
/// turning to something else takes.
pub(super) const SLICE: Duration = Duration::from_micros(500);

/// A slice of time that has begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    end: Time,
}

impl Slice {
    pub(crate) fn begin(now: Time) -> Self {
        Self { end: now.after(SLICE) }
    }

    pub(crate) fn is_over(self, now: Time) -> bool {
        now >= self.end
    }
}

/// Somebody who works for many.
pub(crate) trait Work {
    fn now(&self) -> Time;

    /// Takes one step.
    fn take(&mut self, step: Step<Self>, now: Time) -> bool
    where
        Self: Sized,
    {
        step(self, now)
    }

    /// Does what is due and must not be late. It takes little time.
    fn meet_deadlines(&mut self, now: Time);
}

/// Takes one step of one kind of work; whether there was any.
pub(crate) type Step<W> = fn(&mut W, Time) -> bool;

/// One pass: each kind of work for one slice, or until there is none of it.
pub(crate) fn pass<W: Work>(work: &mut W, kinds: &[Step<W>]) {
    let mut now = work.now();
    work.meet_deadlines(now);
    for &step in kinds {
        let slice = Slice::begin(now);
        while work.take(step, now) {
            now = work.now();
            work.meet_deadlines(now);
            if slice.is_over(now) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a deadline comes.
    const EVERY: u64 = 2_000_000;

    /// Flooded with two kinds of work: long steps that have no end, and short ones that come many at once.
    #[derive(Debug, Default)]
    struct Flooded {
        now: u64,
        /// What a step of each kind costs.
        costs: [u64; 2],
        left: [usize; 2],
        spent: [u64; 2],
        next_deadline: u64,
        latest: u64,
    }

    impl Flooded {
        fn spend(&mut self, kind: usize) -> bool {
            if self.left[kind] == 0 {
                return false;
            }
            self.left[kind] -= 1;
            self.now += self.costs[kind];
            self.spent[kind] += self.costs[kind];
            true
        }
    }

    impl Work for Flooded {
        fn now(&self) -> Time {
            Time(self.now)
        }

        fn meet_deadlines(&mut self, now: Time) {
            while self.next_deadline <= now.0 {
                self.latest = self.latest.max(now.0 - self.next_deadline);
                self.next_deadline += EVERY;
            }
        }
    }

    const KINDS: [Step<Flooded>; 2] = [|work, _| work.spend(0), |work, _| work.spend(1)];

    fn flooded(costs: [u64; 2], left: [usize; 2]) -> Flooded {
        let mut work = Flooded { costs, left, next_deadline: EVERY, ..Flooded::default() };
        for _ in 0..1000 {
            pass(&mut work, &KINDS);
        }
        work
    }

    #[test]
    fn a_deadline_is_at_most_one_step_late_whatever_floods_the_thread() {
        for costs in [[500_000, 3_000], [100, 100], [50_000, 700_000]] {
            let work = flooded(costs, [usize::MAX; 2]);
            assert!(work.now > 100 * EVERY);
            assert!(work.latest <= costs[0].max(costs[1]), "{costs:?}: {} ns late", work.latest);
        }
    }

    #[test]
    fn two_kinds_of_work_share_the_time_though_the_steps_of_one_are_short() {
        let work = flooded([500_000, 3_000], [usize::MAX; 2]);
        let [long, short] = work.spent;
        assert!(long <= 2 * short && short <= 2 * long, "{long} and {short} ns");
    }

    #[test]
    fn what_is_left_over_is_done_in_later_passes_and_nothing_is_lost() {
        let work = flooded([500_000, 3_000], [usize::MAX, 30_000]);
        assert_eq!((work.left[1], work.spent[1]), (0, 90_000_000));
    }

    #[test]
    fn without_work_a_pass_looks_at_the_deadlines_once() {
        let mut work = Flooded { now: 3 * EVERY, next_deadline: EVERY, ..Flooded::default() };
        pass(&mut work, &KINDS);
        assert_eq!((work.next_deadline, work.now), (4 * EVERY, 3 * EVERY));
    }
}
