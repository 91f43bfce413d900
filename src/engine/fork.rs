//! Tells a forked child from its parent.
//!
//! A child inherits the parent's descriptors and locks, but none of its threads: a lock may be held by a thread that does
//! not exist, and every octet the child writes goes into the parent's connections. So each call compares a generation
//! that a fork handler bumps in the child: one relaxed load, where asking the system for the process id would cost
//! about 100 ns a message.

use std::sync::Once;

use super::sync::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);
static INSTALL: Once = Once::new();

/// How many forks lie between the first process and this one.
#[inline]
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Has forks counted from now on.
pub(crate) fn install() {
    INSTALL.call_once(register);
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

#[allow(unsafe_code, reason = "no safe crate offers fork handlers; see the SAFETY comment")]
fn register() {
    // SAFETY: the handler is a plain function that lives for ever in this process image and only adds to an atomic, which
    // is allowed in the child of a process with threads (async-signal-safe). Passing no handlers for the parent is
    // allowed by POSIX. A library that is unloaded again must not use this; Rust never unloads.
    let code = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    if code != 0 {
        log::warn!("forks cannot be noticed: pthread_atfork failed with {code}");
    }
}
