//! The time of the day, in UTC, as exact as messages need it.

use std::time::{SystemTime, UNIX_EPOCH};

use hubless::human::moment;

/// With microseconds, as in `2026-11-30T17:05:09.000123Z`.
pub(crate) fn timestamp(time: SystemTime) -> String {
    let millis = moment(time).to_string();
    let micros = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_micros() % 1000;
    format!("{}{micros:03}Z", millis.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_has_microseconds() {
        for (seconds, micros, text) in [
            (0, 0, "1970-01-01T00:00:00.000000Z"),
            (1_709_210_096, 7, "2024-02-29T12:34:56.000007Z"),
            (1_798_761_599, 999_999, "2026-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::new(seconds, micros * 1000)), text);
        }
        assert_eq!(timestamp(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00.000000Z");
    }
}
