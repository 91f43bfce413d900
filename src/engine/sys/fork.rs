//! Tells a forked child from its parent, and lets go of what the child must not hold.
//!
//! A child inherits the parent's descriptors and locks, but none of its threads: a lock may be held by a thread that does
//! not exist, and every byte the child writes goes into the parent's connections. So each call compares a generation
//! that a fork handler bumps in the child: one relaxed load, where asking the system for the process id would cost
//! about 100 ns a message. What the process has but once is [`PerProcess`]: the child finds its own.
//!
//! The handler also puts nothing in the place of every socket and lock of the parent's that the child has a copy of. Otherwise a
//! worker that was forked would keep a dead server's connections and addresses.

use std::os::fd::RawFd;

use hubless_transport::descriptor::unshared;

use super::logging::{Level, log_line};
pub(crate) use super::per_process::PerProcess;
use super::sync::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// How many forks lie between the first process and this one.
#[inline]
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Has forks counted from now on. Two threads that come at once both do so, which only makes the generation grow by two: one
/// that waited for the other would wait for ever in a child that is forked meanwhile.
pub(crate) fn install() {
    if !INSTALLED.load(Ordering::Acquire) {
        register();
        INSTALLED.store(true, Ordering::Release);
    }
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    let mut nothing = None;
    unshared().for_each(|descriptor| give_up(descriptor, &mut nothing));
    if let Some(nothing) = nothing {
        close(nothing);
    }
}

#[allow(unsafe_code, reason = "no safe crate offers fork handlers; see the SAFETY comment")]
fn register() {
    // SAFETY: the handler is a plain function that lives for ever in this process image. It reads and writes atomics and calls
    // the system (open, dup2, fcntl, close), all of which is allowed in the child of a process with threads (async-signal-safe).
    // Passing no handlers for the parent is allowed by POSIX. A library that is unloaded again must not use this; Rust never
    // unloads.
    let code = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    if code != 0 {
        log_line!(Level::Warn, "forks cannot be noticed: pthread_atfork failed with {code}");
    }
}

/// Puts nothing in the place of a descriptor. Its number stays taken: one that still has it in the child, and closes it, closes
/// nothing that was opened later.
#[allow(
    unsafe_code,
    reason = "a fork handler may allocate nothing, own nothing and only call the system; see the SAFETY comment"
)]
fn give_up(descriptor: RawFd, nothing: &mut Option<RawFd>) {
    // SAFETY: the descriptor is a copy of one of this library's, which in this process is only closed, if anything; see above.
    // The path ends with a zero.
    unsafe {
        if nothing.is_none() {
            let open = || libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
            let mut opened = open();
            if opened < 0 {
                // There is none to be had: this one's will do.
                libc::close(descriptor);
                opened = open();
            }
            if opened == descriptor {
                return;
            }
            *nothing = Some(opened).filter(|opened| *opened >= 0);
        }
        match *nothing {
            Some(nothing) if libc::dup2(nothing, descriptor) >= 0 => {
                libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC);
            }
            _ => {
                libc::close(descriptor);
            }
        }
    }
}

#[allow(unsafe_code, reason = "as above; see the SAFETY comment")]
fn close(descriptor: RawFd) {
    // SAFETY: it was opened by the handler that calls this, and nobody else knows it.
    unsafe { libc::close(descriptor) };
}

impl<T> PerProcess<T> {
    pub(crate) const fn new(make: fn() -> T) -> Self {
        Self::starting_with(AtomicPtr::new(std::ptr::null_mut()), make)
    }
}
