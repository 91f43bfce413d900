//! Warnings that a peer can cause as often as it likes: one a second at most is written, with the number of those that were not.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hubless::human::count;

use crate::clock::now;

const EVERY: Duration = Duration::from_secs(1);

/// When one was written last.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Mutex<Last>);

#[derive(Debug, Default)]
struct Last {
    at: Option<Instant>,
    left_out: u64,
}

impl Complaints {
    pub(crate) fn warn(&self, what: &str, why: &dyn Display) {
        if let Some(left_out) = self.turn(now()) {
            match left_out {
                0 => log::warn!("{what}: {why}"),
                more => log::warn!("{what}, and {} before it: {why}", count(more)),
            }
        }
    }

    /// How many were left out since the last one that was written, if one may be written now.
    fn turn(&self, at: Instant) -> Option<u64> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.at.is_some_and(|last| at.saturating_duration_since(last) < EVERY) {
            last.left_out += 1;
            return None;
        }
        last.at = Some(at);
        Some(std::mem::take(&mut last.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_is_written_and_the_others_are_counted() {
        let (complaints, begun) = (Complaints::default(), now());
        let turn = |millis| complaints.turn(begun + Duration::from_millis(millis));
        assert_eq!(
            [turn(0), turn(1), turn(999), turn(1000), turn(1001)],
            [Some(0), None, None, Some(2), None]
        );
        assert_eq!(turn(5000), Some(1));
    }
}
