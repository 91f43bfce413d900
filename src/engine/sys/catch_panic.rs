//! Panics that harm nobody but the connection, dialer or listener that the step was for.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::monitor::Failure;

/// A step has panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs code that may call user or transport code and catches its panics. The caller gives up what the
/// step was for, because nobody knows in which state that is; no lock that the step takes is poisoned.
#[inline]
pub(crate) fn catch_panic<T>(step: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(step)).map_err(dispose)
}

/// What the panic was raised with is dropped, which may panic again; what that raises is left alone.
#[cold]
fn dispose(payload: Box<dyn Any + Send>) -> Panicked {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
    Panicked
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

#[cfg(test)]
mod tests {
    use super::*;

    struct PanicsAgain(u32);

    impl Drop for PanicsAgain {
        fn drop(&mut self) {
            if self.0 > 0 {
                std::panic::panic_any(Self(self.0 - 1));
            }
        }
    }

    #[test]
    fn a_panic_whose_payload_panics_when_it_is_dropped_is_contained_as_any_other() {
        for depth in 0..3 {
            assert_eq!(catch_panic(|| std::panic::panic_any(PanicsAgain(depth))), Err::<(), _>(Panicked));
        }
    }
}
