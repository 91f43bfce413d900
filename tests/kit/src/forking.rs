//! Forks, which the standard library does not offer.

use std::io::{PipeReader, PipeWriter, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use hubless::{Pull, Push};

use crate::{SOON, Site, holds_within, link};

/// Forks, has the child run `body` and end without a word; 0 if it gave true.
#[allow(unsafe_code, reason = "no safe crate forks; see the SAFETY comments")]
pub fn in_child(body: impl FnOnce() -> bool) -> rustix::process::Pid {
    // SAFETY: the process has other threads, so the child may do little. It calls `body`, which takes no lock that
    // another thread may hold, allocates, which glibc allows after a fork, and ends by `_exit`, so that nothing of the
    // parent's is unwound, flushed or destroyed in it.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let code = match catch_unwind(AssertUnwindSafe(body)) {
            Ok(true) => 0,
            Ok(false) => 1,
            Err(_) => 2,
        };
        // SAFETY: `_exit` may be called at any time, and runs nothing.
        unsafe { libc::_exit(code) }
    }
    rustix::process::Pid::from_raw(pid).expect("a fork")
}

/// Forks; the child gets nothing and goes on.
#[allow(unsafe_code, reason = "no safe crate forks; see the SAFETY comment")]
pub fn parent() -> Option<rustix::process::Pid> {
    // SAFETY: the child does nothing more of its own: it returns from where it was called, into what is to end it.
    rustix::process::Pid::from_raw(unsafe { libc::fork() })
}

/// The child's exit status.
pub fn outcome(child: rustix::process::Pid) -> Option<i32> {
    use rustix::process::{Signal, WaitOptions, kill_process, waitpid};
    let mut status = None;
    let ended = holds_within(SOON, || {
        status = waitpid(Some(child), WaitOptions::NOHANG).expect("a child of ours");
        status.is_some()
    });
    if !ended {
        kill_process(child, Signal::KILL).expect("a child of ours");
        waitpid(Some(child), WaitOptions::empty()).expect("a child of ours");
    }
    status?.1.exit_status()
}

/// A child that has copies of all descriptors and lives until what is returned is dropped.
pub fn lasting_child() -> (PipeWriter, rustix::process::Pid) {
    let (mut released, release) = std::io::pipe().expect("a pipe");
    let mut release = Some(release);
    let child = in_child(|| {
        drop(release.take());
        released.read(&mut [0]).is_ok()
    });
    (release.expect("the parent's own"), child)
}

/// A pipe between a child and its parent.
pub fn pipe() -> (PipeReader, PipeWriter) {
    std::io::pipe().expect("a pipe")
}

/// Two sockets of the child's own talk.
pub fn talk(site: &Site) -> bool {
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    link(site, &pull, &push);
    push.send("in the child").expect("room");
    pull.recv_timeout(SOON).expect("a message") == "in the child"
}
