//! A socket closes, and the caller has a deadline: the background thread writes what is queued and ends the socket, or
//! the one who waits does. It follows `closer`, `closing` and `lifecycle` of the engine.

use shuttle::sync::{Arc, Condvar};
use shuttle::thread;

use super::completion::Completion;
use super::worker_handle::WorkerHandle;
use crate::check::{check, mutants, pause};
use crate::host::Looks;
use crate::sys::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// A writer goes on though the time is over.
    WritesOn,
    /// The caller waits for the background thread, however long that takes.
    HasNoTimeOfItsOwn,
}

const QUEUED: u32 = 3;

/// What became of the messages.
#[derive(Debug, Clone, Copy, Default)]
struct Report {
    written: u32,
    dropped: u32,
}

#[derive(Debug, Default)]
struct Core {
    over: bool,
    /// The messages that have not left, while the pipe is in the table.
    queued: Option<u32>,
    /// So many are in a pipe that is out of the table, and not yet counted.
    parting: u32,
    dropped: u32,
}

/// What has left by the pipe and what has not.
#[derive(Debug)]
struct WriteSide {
    written: u32,
    left: u32,
}

#[derive(Debug)]
struct Socket {
    core: Mutex<Core>,
    write: Mutex<WriteSide>,
    fault: Fault,
}

impl Socket {
    fn new(fault: Fault) -> Arc<Self> {
        let core = Core { queued: Some(QUEUED), ..Core::default() };
        Arc::new(Self {
            core: Mutex::new(core),
            write: Mutex::new(WriteSide { written: 0, left: QUEUED }),
            fault,
        })
    }

    /// Writes one message; whether there was one to write.
    fn write_one(&self) -> bool {
        let mut side = self.write.lock();
        if side.left == 0 {
            return false;
        }
        (side.written, side.left) = (side.written + 1, side.left - 1);
        thread::yield_now();
        if let Some(queued) = &mut self.core.lock().queued {
            *queued -= 1;
        }
        true
    }

    /// As `end_close` and `remove`.
    fn end(&self) -> Report {
        let mut core = self.core.lock();
        core.over = true;
        let removed = core.queued.take();
        core.parting += removed.unwrap_or_default();
        drop(core);
        if let Some(waited) = removed {
            let mut side = self.write.lock();
            let unsent = side.left;
            if self.fault != Fault::WritesOn {
                side.left = 0;
            }
            drop(side);
            let mut core = self.core.lock();
            core.parting -= waited;
            core.dropped += unsent;
        }
        let core = self.core.lock();
        let dropped = core.dropped + core.parting;
        Report { written: QUEUED - dropped, dropped }
    }
}

/// The background thread is held up for a while of any length, or until the close has returned.
fn a_close_has_its_own_time(fault: Fault, held_up: bool) {
    let socket = Socket::new(fault);
    let done = Arc::new(Completion::default());
    let released = Arc::new((Mutex::new(false), Condvar::new()));
    let background = {
        let (socket, done, released) = (Arc::clone(&socket), Arc::clone(&done), Arc::clone(&released));
        thread::spawn(move || {
            pause();
            if held_up {
                released.0.wait_until(&released.1, |released| *released);
            }
            while socket.write_one() {
                pause();
            }
            done.finish(socket.end());
        })
    };
    let handle = WorkerHandle::new(super::Fault::None);
    let deadline = if fault == Fault::HasNoTimeOfItsOwn { Looks::FOREVER } else { Looks::some() };
    let report = done.wait(&handle, &deadline).unwrap_or_else(|| socket.end());
    *released.0.lock() = true;
    released.1.notify_all();
    background.join().expect("it ends");
    let written = socket.write.lock().written;
    assert_eq!(report.written + report.dropped, QUEUED);
    assert!(report.written <= written, "something is called written that is not");
    // One may just have been written, by somebody who had not yet said so.
    assert!(written - report.written <= 1, "something is called dropped that is written later");
}

#[test]
fn a_close_returns_in_its_own_time_and_tells_the_truth() {
    check(|| a_close_has_its_own_time(Fault::None, false));
    check(|| a_close_has_its_own_time(Fault::None, true));
}

mutants! {
    a_writer_that_goes_on_when_the_time_is_over_is_found:
        "called dropped that is written later" => a_close_has_its_own_time(Fault::WritesOn, true),
    a_close_that_waits_for_the_background_thread_is_found:
        "max_steps" => a_close_has_its_own_time(Fault::HasNoTimeOfItsOwn, true),
}
