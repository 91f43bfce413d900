//! The engine's files, and what stands in for those they use.

#[path = "../../../src/engine/allowance.rs"]
mod allowance;
#[path = "../../../src/engine/beyond.rs"]
pub(super) mod beyond;
#[path = "../../../src/engine/memory.rs"]
pub(super) mod memory;

pub(super) mod mailbox {
    use std::sync::atomic::{AtomicBool, Ordering};

    pub(in super::super) enum Command {
        MemoryFree,
    }

    /// Hears that there is memory.
    #[derive(Debug, Default)]
    pub(in super::super) struct Mailbox(AtomicBool);

    impl Mailbox {
        pub(in super::super) fn tell(&self, Command::MemoryFree: Command) {
            self.0.store(true, Ordering::Relaxed);
        }

        pub(in super::super) fn take(&self) -> bool {
            self.0.swap(false, Ordering::Relaxed)
        }
    }
}

mod sync {
    use std::sync::{MutexGuard, PoisonError};

    pub(super) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    #[derive(Debug, Default)]
    pub(super) struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(super) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
