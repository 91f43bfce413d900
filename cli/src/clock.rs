//! The one place that reads the system's clocks.

use std::time::{Instant, SystemTime};

#[expect(clippy::disallowed_methods, reason = "a program on top of the library has no injected time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The time of the day.
pub(crate) fn today() -> SystemTime {
    SystemTime::now()
}
