//! Close hooks: callbacks that run when a socket closes, for a thread that waits for something else.

use std::fmt;
use std::sync::{Arc, Weak};

use super::sys::sync::Mutex;

/// Runs when a socket closes, without a lock, by any thread.
pub(crate) type CloseHook = dyn Fn() + Send + Sync;

/// The hooks of one socket.
#[derive(Default)]
pub(crate) struct CloseHooks(Mutex<Vec<Weak<CloseHook>>>);

impl CloseHooks {
    /// Adds a hook, which is kept as long as the caller holds it. The caller then looks whether the socket has closed already: a close
    /// says so first and runs the hooks afterwards, so one of the two finds the other.
    pub(crate) fn add(&self, hook: &Arc<CloseHook>) {
        let mut hooks = self.0.lock();
        hooks.retain(|other| other.strong_count() > 0);
        hooks.push(Arc::downgrade(hook));
    }

    /// The socket has closed.
    pub(crate) fn run(&self) {
        let hooks = std::mem::take(&mut *self.0.lock());
        for hook in hooks.iter().filter_map(Weak::upgrade) {
            hook();
        }
    }
}

impl fmt::Debug for CloseHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloseHooks")
    }
}
