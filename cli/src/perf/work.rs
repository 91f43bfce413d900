//! `--work`: what a sender computes before each message.

use std::hint::spin_loop;
use std::time::Duration;

use crate::arguments::perf;
use crate::clock::now;

/// Keeps the CPU busy for a time. Without one, it costs a look at whether there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work(Duration);

impl Work {
    pub(super) fn new(work: perf::Work) -> Self {
        Self(Duration::from_nanos(work.work.unwrap_or_default()))
    }

    /// Takes as long as it was told, and as long as reading the clock takes more.
    #[inline]
    pub(super) fn run(self) {
        if !self.0.is_zero() {
            self.spin();
        }
    }

    fn spin(self) {
        let begun = now();
        while now().saturating_duration_since(begun) < self.0 {
            spin_loop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_as_long_as_it_is_told() {
        for nanos in [None, Some(0), Some(1), Some(2_000_000)] {
            let begun = now();
            Work::new(perf::Work { work: nanos }).run();
            assert!(now() - begun >= Duration::from_nanos(nanos.unwrap_or_default()));
        }
    }
}
