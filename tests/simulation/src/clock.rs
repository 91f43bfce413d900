use std::time::Duration;

use hubless_protocol::patterns::Time;

use crate::dice::Dice;

/// How the time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// From its beginning, a moment after the other.
    Steady,
    /// It begins at most thirty years and at least an hour before it can count no further, and now and then it jumps by ten years.
    /// Backwards it does not go, as none that the engine asks does: where another would, it stands still for a while.
    Jumping,
}

const HOUR: Duration = Duration::from_secs(3600);
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// One step in this many is a jump.
const RARE: usize = 12;

impl Clock {
    pub(crate) fn start(self, dice: &mut Dice) -> Time {
        let jumps = dice.pick(&[0, 1, 3]);
        match self {
            Self::Steady => Time(1),
            Self::Jumping => Time(latest().0 - jumps * nanoseconds(TEN_YEARS)),
        }
    }

    /// What it shows next, a moment later: in the end it has room for no more jump.
    pub(crate) fn next(self, now: Time, moment: Duration, dice: &mut Dice) -> Passing {
        let jumped = now.after(TEN_YEARS);
        if self == Self::Steady || !dice.one_in(RARE) {
            Passing::Moment(now.after(moment))
        } else if jumped <= latest() && dice.one_in(2) {
            Passing::Jump(jumped)
        } else {
            Passing::Moment(now)
        }
    }
}

/// How time passes once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Passing {
    /// All timers go off at their times.
    Moment(Time),
    /// They go off when it is over.
    Jump(Time),
}

/// What is left is for what is still to end.
fn latest() -> Time {
    Time(u64::MAX - nanoseconds(HOUR))
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
