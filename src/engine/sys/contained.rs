//! Values of the program's own, as the judge of a listener or a part of a transport: where one is dropped, its code runs.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::catch_panic::catch_panic;

/// A value whose drop may panic: the panic ends there, whichever thread that is on, and whatever is dropped with it is dropped too.
#[derive(Clone)]
pub(crate) struct Contained<T>(
    /// It is there until the drop.
    Option<T>,
);

impl<T> From<T> for Contained<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: fmt::Debug> fmt::Debug for Contained<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> Deref for Contained<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => unreachable!("only the drop takes it"),
        }
    }
}

impl<T> DerefMut for Contained<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(value) => value,
            None => unreachable!("only the drop takes it"),
        }
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let _ = catch_panic(|| drop(self.0.take()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Panics;

    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("planted");
        }
    }

    #[test]
    fn two_values_that_both_panic_where_they_are_dropped_together_are_contained() {
        drop((Contained::from(Panics), Contained::from(Panics)));
    }

    #[test]
    fn a_value_that_panics_where_it_is_dropped_because_of_another_panic_is_contained() {
        let both = std::panic::catch_unwind(|| {
            let _contained = Contained::from(Panics);
            panic!("another");
        });
        assert!(both.is_err());
    }
}
