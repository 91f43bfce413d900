//! Panics that harm nobody but the connection, dialer or listener that the step was for.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::monitor::Failure;

/// A step has panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Takes a step that is somebody else's code, or leads through some: a panic of it ends here. Whoever calls this gives up what the
/// step was for, because nobody knows in which state that is; no lock that the step takes is poisoned.
#[inline]
pub(crate) fn contain<T>(step: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(step)).map_err(|_| Panicked)
}

impl From<Panicked> for io::Error {
    fn from(_: Panicked) -> Self {
        Self::other("the transport panicked, which is a bug")
    }
}

impl From<Panicked> for Failure {
    fn from(_: Panicked) -> Self {
        Self::Panicked
    }
}
