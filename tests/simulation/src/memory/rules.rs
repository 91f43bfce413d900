//! The engine's files, and what stands in for those they use.

#[path = "../../../../src/engine/pipe/allowance.rs"]
mod allowance;
#[path = "../../../../src/engine/pipe/arriving.rs"]
pub(super) mod arriving;
#[path = "../../../../src/engine/pipe/beyond.rs"]
pub(super) mod beyond;
#[path = "../../../../src/engine/pipe/budget.rs"]
mod budget;
#[path = "../../../../src/engine/pipe/memory.rs"]
pub(super) mod memory;

/// Hears that there is memory.
#[derive(Debug, Default)]
pub(super) struct Told(std::sync::atomic::AtomicBool);

impl Told {
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, std::sync::atomic::Ordering::Relaxed)
    }
}

impl memory::Relief for Told {
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
