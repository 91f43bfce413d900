//! The engine's files, and what stands in for those they use.

#[path = "../../../../src/engine/memory/arriving.rs"]
pub(super) mod arriving;
#[path = "../../../../src/engine/memory/budget.rs"]
pub(super) mod budget;
#[path = "../../../../src/engine/memory/counter.rs"]
mod counter;
#[path = "../../../../src/engine/pipe/leaving.rs"]
pub(super) mod leaving;
#[path = "../../../../src/engine/memory/overcommit.rs"]
pub(super) mod overcommit;
#[path = "../../../../src/engine/memory/quota.rs"]
pub(super) mod quota;

/// Hears that there is memory.
#[derive(Debug, Default)]
pub(super) struct Told(std::sync::atomic::AtomicBool);

impl Told {
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, std::sync::atomic::Ordering::Relaxed)
    }
}

impl budget::Relief for Told {
    fn memory_is_free(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

mod sys {
    pub(super) mod sync {
        use std::sync::{MutexGuard, PoisonError};

        pub(in super::super) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

        #[derive(Debug, Default)]
        pub(in super::super) struct Mutex<T>(std::sync::Mutex<T>);

        impl<T> Mutex<T> {
            pub(in super::super) fn lock(&self) -> MutexGuard<'_, T> {
                self.0.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }
}
