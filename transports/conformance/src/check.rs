use std::fmt::{Debug, Display};

/// The check that is running, for the text of its failures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) scheme: &'static str,
}

impl Check {
    #[track_caller]
    pub(crate) fn fail(self, expected: &str, found: impl Display) -> ! {
        panic!("{}: the check `{}` expected {expected}, but found {found}", self.scheme, self.name)
    }

    #[track_caller]
    pub(crate) fn require(self, holds: bool, expected: &str, found: impl Debug) {
        if !holds {
            self.fail(expected, format_args!("{found:?}"));
        }
    }

    #[track_caller]
    pub(crate) fn ok<T, E: Display>(self, outcome: Result<T, E>, expected: &str) -> T {
        match outcome {
            Ok(value) => value,
            Err(error) => self.fail(expected, format_args!("the error `{error}`")),
        }
    }
}
