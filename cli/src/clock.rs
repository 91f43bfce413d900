//! The one place that reads the system's clock.

use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "a program on top of the library has no injected time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
