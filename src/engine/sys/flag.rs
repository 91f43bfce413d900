//! A flag that somebody looks at again and again.

use std::sync::Arc;

use super::sync::{AtomicBool, Ordering};

/// Raised, it stays so. A thread that sees it raised sees what was done before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
