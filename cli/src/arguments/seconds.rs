//! Times on the command line.

use std::time::Duration;

/// Parses seconds, with fractions.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 =
        text.parse().map_err(|_| "it is not a number of seconds, such as 2 or 0.5".to_owned())?;
    if !number.is_finite() {
        return Err("it must be finite".into());
    }
    if number < 0.0 {
        return Err("it must not be negative".into());
    }
    Duration::try_from_secs_f64(number).map_err(|_| "no clock counts that far".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_taken() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        assert_eq!(seconds(".25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("1e3"), Ok(Duration::from_secs(1000)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "x", "1s", "-1", "-0.1", "inf", "-inf", "nan", "1e300", "0x10"] {
            assert!(seconds(text).is_err(), "{text:?}");
        }
    }
}
