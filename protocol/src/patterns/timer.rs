use crate::patterns::{Effects, Time};

/// The one timer of a pattern that waits for many times.
#[derive(Debug, Default)]
pub(super) struct Timer {
    armed: Option<Time>,
}

impl Timer {
    /// Has it ring by this time, if there is one. A timer that rings too early costs one call; arming it anew for each time
    /// that no longer matters would cost more.
    #[inline]
    pub(super) fn arm_by<O>(&mut self, at: Option<Time>, fx: &mut impl Effects<O>) {
        if at.is_some_and(|at| self.armed.is_none_or(|armed| at < armed)) {
            self.armed = at;
            fx.arm(at);
        }
    }

    /// It has rung.
    #[inline]
    pub(super) fn rang(&mut self) {
        self.armed = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::World;

    #[test]
    fn it_is_armed_for_the_earliest_time_alone_until_it_has_rung() {
        let (mut timer, mut fx) = (Timer::default(), World::<()>::new());
        let after = |seconds| Some(Time::default().after(Duration::from_secs(seconds)));
        for (at, armed, arms) in
            [(None, None, 0), (after(5), after(5), 1), (after(9), after(5), 1), (after(3), after(3), 2)]
        {
            timer.arm_by(at, &mut fx);
            assert_eq!((fx.armed, fx.arms), (armed, arms));
        }
        timer.rang();
        timer.arm_by(after(9), &mut fx);
        assert_eq!((fx.armed, fx.arms), (after(9), 3));
    }
}
