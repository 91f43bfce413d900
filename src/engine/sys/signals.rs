//! Keeps the program's signals away from the threads of the library.
//!
//! A signal that is sent to a process goes to any thread of it that does not block it. A program that blocks one in its own
//! threads, to wait for it with `sigwait` or `signalfd`, would be ended by the thread of a library that does not.

use std::marker::PhantomData;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// What a fault of the thread itself raises there: blocked, it would end the process without the handler that explains it.
/// `SIGPROF` ends no program that did not ask for it, and a profiler that asks wants to see every thread.
const LEFT: [Signal; 7] = [
    Signal::SIGSEGV,
    Signal::SIGBUS,
    Signal::SIGFPE,
    Signal::SIGILL,
    Signal::SIGTRAP,
    Signal::SIGSYS,
    Signal::SIGPROF,
];

/// As long as this lives, the calling thread blocks the signals, and a thread that it starts is born with them blocked. So
/// there is no moment at which that one could take any.
#[derive(Debug)]
#[must_use]
pub(crate) struct Blocked {
    before: Option<SigSet>,
    /// The mask is that of this thread.
    _stays: PhantomData<*const ()>,
}

impl Blocked {
    pub(crate) fn here() -> Self {
        let mut signals = SigSet::all();
        for signal in LEFT {
            signals.remove(signal);
        }
        // It fails for no mask that there is.
        Self { before: signals.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok(), _stays: PhantomData }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            let _ = before.thread_set_mask();
        }
    }
}
