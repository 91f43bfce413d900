//! The clock that all processes of a machine share.

use rustix::time::{ClockId, clock_gettime};

pub fn nanoseconds() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
