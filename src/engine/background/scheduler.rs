//! The scheduler of a background thread: a pass gives each kind of work one slice of time. Between any two steps the deadlines are
//! met, so a deadline is met at most one step late, and work of any kind waits no longer than a slice of each other kind.

use hubless_protocol::patterns::Time;

use super::sys::slice::Slice;

/// A thread that works for many.
pub(super) trait Scheduled {
    fn now(&self) -> Time;

    /// Runs one step of a task.
    fn run(&mut self, task: Task<Self>, now: Time) -> bool
    where
        Self: Sized,
    {
        task(self, now)
    }

    /// Does what is due and must not be late. It takes little time.
    fn meet_deadlines(&mut self, now: Time);
}

/// Runs one step of one kind of work; whether there was any.
pub(super) type Task<W> = fn(&mut W, Time) -> bool;

/// One pass: each kind of work for one slice, or until there is none of it.
pub(super) fn run_pass<W: Scheduled>(work: &mut W, kinds: &[Task<W>]) {
    let mut now = work.now();
    work.meet_deadlines(now);
    for &task in kinds {
        let slice = Slice::begin(now);
        while work.run(task, now) {
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

    impl Scheduled for Flooded {
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

    const KINDS: [Task<Flooded>; 2] = [|work, _| work.spend(0), |work, _| work.spend(1)];

    fn flooded(costs: [u64; 2], left: [usize; 2]) -> Flooded {
        let mut work = Flooded { costs, left, next_deadline: EVERY, ..Flooded::default() };
        for _ in 0..1000 {
            run_pass(&mut work, &KINDS);
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
        run_pass(&mut work, &KINDS);
        assert_eq!((work.next_deadline, work.now), (4 * EVERY, 3 * EVERY));
    }
}
