//! Figures as people read them.

use std::time::Duration;

/// A number with its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number with its noun.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A time with its unit.
pub(crate) fn time(time: Duration) -> String {
    match time {
        time if time >= Duration::from_secs(1) => format!("{} s", trimmed(time.as_secs_f64())),
        time if time >= Duration::from_millis(1) => format!("{} ms", trimmed(time.as_secs_f64() * 1e3)),
        time => format!("{} µs", trimmed(time.as_secs_f64() * 1e6)),
    }
}

/// A rate without its fraction, with its digits in groups of three.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive, and what is too large is cut"
)]
pub(crate) fn whole(rate: f64) -> String {
    grouped(rate.round() as u64)
}

/// At most three digits behind the point, and none that are zero.
fn trimmed(number: f64) -> String {
    let digits = format!("{number:.3}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_in_groups_of_three() {
        for (number, text) in
            [(0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_000_000, "1,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!((count(1, "peer"), count(1500, "peer")), ("1 peer".into(), "1,500 peers".into()));
    }

    #[test]
    fn a_rate_is_rounded() {
        assert_eq!((whole(0.4), whole(1999.5), whole(1e6)), ("0".into(), "2,000".into(), "1,000,000".into()));
        assert_eq!((whole(f64::NAN), whole(-1.0)), ("0".into(), "0".into()));
    }

    #[test]
    fn a_time_has_the_unit_that_fits() {
        for (millis, text) in [(0, "0 µs"), (1, "1 ms"), (100, "100 ms"), (1500, "1.5 s"), (60_000, "60 s")]
        {
            assert_eq!(time(Duration::from_millis(millis)), text);
        }
        assert_eq!(time(Duration::from_nanos(1_234)), "1.234 µs");
    }
}
