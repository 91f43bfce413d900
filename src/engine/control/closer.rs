//! The side of the caller that closes a socket: the time is theirs. The background thread does the work while it has time for it, but it may
//! be held up, by a judge, a waker or a logger of the program's, or by other sockets; at the end of the time the caller that waits ends the
//! socket, and what is slow about that, to drop what is left, stays with the background thread.

use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;

use super::close_report::CloseReport;
use super::close_timer::{self, Closing};
use super::completion::Completion;
use super::managed_socket::ManagedSocket;
use super::sys::clock::Clock;
use super::sys::sync::Parker;
use super::until::Until;
use super::worker_handle::{Command, in_background};

/// How much longer than its time a close waits for the background thread, which does it in good order where nothing holds it up.
pub(super) const GRACE: Duration = Duration::from_millis(5);
/// How often a background thread that closes a socket itself looks at that.
const LOOK: Duration = Duration::from_millis(2);

/// Closes sockets, by that time for all together. The sum of their reports.
pub(crate) fn close(sockets: &[Arc<dyn ManagedSocket>], clock: Clock, until: Time) -> CloseReport {
    let living = sockets.iter().filter(|socket| socket.worker().check().is_ok());
    let closing: Vec<_> = living.map(|socket| (socket, begin(&**socket, until))).collect();
    if in_background() {
        drive(sockets, clock, until);
    }
    let deadline = Until::at(clock, until.after(GRACE));
    let mut report = CloseReport::default();
    for (socket, done) in closing {
        let finished = if in_background() { None } else { done.wait(socket.worker(), &deadline) };
        report.add(finished.unwrap_or_else(|| socket.end_close()));
    }
    report
}

/// Closes a socket for which a future waits, by that time.
pub(crate) fn close_async(
    socket: Arc<dyn ManagedSocket>,
    clock: Clock,
    until: Time,
) -> Arc<Completion<CloseReport>> {
    let done = begin(&*socket, until);
    close_timer::keep(Closing { socket, done: Arc::clone(&done), clock, until });
    done
}

/// The same for several, by that time for all together.
pub(crate) fn close_all_async(
    sockets: Vec<Arc<dyn ManagedSocket>>,
    clock: Clock,
    until: Time,
) -> Vec<Arc<Completion<CloseReport>>> {
    let living = sockets.into_iter().filter(|socket| socket.worker().check().is_ok());
    living.map(|socket| close_async(socket, clock, until)).collect()
}

/// No call succeeds from now on, whatever the background thread is at.
fn begin(socket: &dyn ManagedSocket, until: Time) -> Arc<Completion<CloseReport>> {
    socket.begin_close();
    let done = Arc::new(Completion::default());
    let command = Command::Close { socket: socket.id(), until, done: Some(Arc::clone(&done)) };
    socket.worker().tell(command);
    done
}

/// A background thread, in a judge, a waker or a logger, does it itself. It would wait for itself, or for another that waits for it.
fn drive(sockets: &[Arc<dyn ManagedSocket>], clock: Clock, until: Time) {
    loop {
        let mut ends = true;
        for socket in sockets {
            socket.serve();
            ends &= socket.go_on_closing();
        }
        let left = until.since(clock.now());
        if ends || left.is_zero() {
            return;
        }
        Parker::current().park(Some(left.min(LOOK)));
    }
}
