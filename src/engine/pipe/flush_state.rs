//! The protocol by which what a pipe has pending leaves it, whichever thread writes.
//!
//! A sender queues under the socket's lock and lists the pipe as *dirty*, and as *due* once there is enough for a write
//! of its own. The thread that takes a list flushes the pipes on it: the sender at once, or while the socket streams, the
//! background thread at its next flush interval. A pipe that the system refuses is *blocked*: only the one that
//! is told of new room tries again. That is asked for after the pipe was marked, so the notice of room finds the mark.
//!
//! Invariants, checked by the models:
//! * I5: something is pending, or in the buffers of the transport => the pipe is listed, and the list is going to be
//!   taken; or a flush of it is planned or under way; or the pipe is blocked, and a notice of room is still to come.
//! * I6: the pattern has to be told of room => something is queued, and the thread that makes enough room in the pipe tells it.

use std::io;

/// How far the writing of one pipe is. Guarded by the socket's lock.
#[expect(clippy::struct_excessive_bools, reason = "each is set and cleared by itself; no two make one state")]
#[derive(Debug, Default)]
pub(crate) struct FlushState {
    /// A push was refused: the pattern has to be told of new room.
    refused: bool,
    /// The system takes no more: only the one that is told of room goes on.
    blocked: bool,
    /// In the list of pipes with something pending.
    dirty: bool,
    /// In the list of pipes with enough pending to be written.
    due: bool,
}

/// What waits to be taken by a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    Nothing,
    /// Less than makes a write worth it while streaming.
    Little,
    Enough,
}

/// How a pipe was found when it was to be marked as blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocked {
    /// It is gone, and so is everything that it had.
    Gone,
    /// It was not marked before.
    Anew,
    /// It was marked before the write that was refused.
    Still,
}

impl FlushState {
    /// A push found no room.
    pub(crate) fn refuse(&mut self) {
        self.refused = true;
    }

    /// Whether the pattern must be told of room now.
    pub(crate) fn take_writable_notice(&mut self, enough: bool) -> bool {
        enough && std::mem::take(&mut self.refused)
    }

    /// Something was queued. Whether the pipe joins the list of those with something pending.
    #[inline]
    pub(crate) fn becomes_dirty(&mut self) -> bool {
        !std::mem::replace(&mut self.dirty, true)
    }

    /// There is enough for a write. Whether the pipe joins the list of those.
    #[inline]
    pub(crate) fn becomes_due(&mut self) -> bool {
        !std::mem::replace(&mut self.due, true)
    }

    /// The list of those with something pending is taken. Whether this one is to be flushed.
    pub(crate) fn was_dirty(&mut self) -> bool {
        self.dirty = false;
        !self.blocked
    }

    /// The list of those with enough for a write is taken. Whether this one is to be flushed.
    pub(crate) fn was_due(&mut self) -> bool {
        self.due = false;
        !self.blocked
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// A writer has nothing left of what it took. Whether it takes what is pending. One that has written already leaves
    /// a little to the stream it belongs to, but only of a pipe that is listed as dirty: what came while the pipe was
    /// blocked is listed nowhere.
    pub(crate) fn refill(&mut self, first: bool, pending: Pending) -> bool {
        self.blocked = false;
        match pending {
            Pending::Nothing => false,
            Pending::Little => first || !self.dirty,
            Pending::Enough => true,
        }
    }

    /// The transport took no more.
    pub(crate) fn block(&mut self) -> Blocked {
        if std::mem::replace(&mut self.blocked, true) { Blocked::Still } else { Blocked::Anew }
    }
}

/// A pipe of which the caller holds the write lock.
pub(crate) trait FlushTarget {
    /// Whether something was taken and not yet written.
    fn has_taken(&self) -> bool;
    /// Under the socket's lock: counts what has left, and takes what is pending as [`FlushState::refill`] says. Whether
    /// there is anything to write.
    fn refill(&mut self, first: bool) -> bool;
    /// Whether the transport has taken something that has not left it.
    fn owes(&self) -> bool;
    /// Writes once: what the transport has taken first.
    fn write(&mut self) -> io::Result<()>;
    /// Under the socket's lock: counts what has left, and marks the pipe as [`FlushState::block`] does.
    fn block(&mut self, error: &io::Error) -> Blocked;
    /// Asks to be told of room, at once if there is some already. Whether the transport can be asked.
    fn ask(&mut self) -> bool;
}

/// Writes what the pipe has pending, until there is nothing, in the buffers of the transport neither, or that takes no
/// more.
pub(crate) fn flush(target: &mut impl FlushTarget) {
    let mut first = true;
    while target.has_taken() || target.refill(first) || target.owes() {
        first = false;
        let Err(error) = target.write() else { continue };
        let blocked = target.block(&error);
        if blocked == Blocked::Gone || error.kind() != io::ErrorKind::WouldBlock || target.ask() {
            return;
        }
        // A transport that cannot be asked tells once after each refusal, and may have done so before the mark.
        if blocked == Blocked::Still {
            return;
        }
    }
}
