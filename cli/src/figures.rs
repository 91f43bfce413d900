//! Figures as people read them, beside those that the library has.

use hubless::human::count;

/// A rate without its fraction, with its digits in groups of three.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive, and one that is too large is cut"
)]
pub(crate) fn whole(rate: f64) -> String {
    count(rate.round() as u64).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_rounded() {
        assert_eq!((whole(0.4), whole(1999.5), whole(1e6)), ("0".into(), "2,000".into(), "1,000,000".into()));
        assert_eq!((whole(f64::NAN), whole(-1.0)), ("0".into(), "0".into()));
    }
}
