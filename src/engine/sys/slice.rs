//! Slices of time: a thread that works for many works for one of them no longer than a slice before it is the others' turn.

use std::time::Duration;

use hubless_protocol::patterns::Time;

/// How long a slice is. It says how late others may be served, and stands for no cost: a slice is hundreds of times as long as
/// turning to something else takes.
pub(crate) const SLICE: Duration = Duration::from_micros(500);

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
