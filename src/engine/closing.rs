//! The end of a socket: what is queued is written, our direction is ended, and, in patterns that talk both ways, what the peers
//! still send is read and discarded until they end theirs. Closing with unread input would make the system reset the
//! connection, and the peer lose what it had not yet read.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::blocking::Host;
use super::core::Phase;
use super::inbox::Inboxes;
use super::lifecycle::Removal;
use super::mailbox::Mailbox;
use super::pipe::Pipe;
use super::socket::Socket;
use crate::patterns::{Loss, Pattern};

/// What became of the messages that were queued when a socket was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CloseReport {
    /// Messages that were still queued and have been handed to the system or, over inproc, to the peer.
    pub flushed: usize,
    /// Messages that were not: the time was over, or their peer was gone.
    pub dropped: usize,
}

impl CloseReport {
    pub(crate) fn add(&mut self, other: Self) {
        self.flushed += other.flushed;
        self.dropped += other.dropped;
    }
}

/// Something that a background thread finishes and another thread waits for.
#[derive(Debug, Default)]
pub(crate) struct Completion<T> {
    result: Mutex<Option<T>>,
    finished: Condvar,
}

/// How often a waiter makes sure that the background thread is alive.
const ALIVE: Duration = Duration::from_millis(500);

impl<T: Default> Completion<T> {
    pub(crate) fn finish(&self, result: T) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.finished.notify_all();
    }

    /// The result, or the default one if the background thread has died.
    pub(crate) fn wait(&self, mailbox: &Mailbox) -> T {
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = result.take() {
                return result;
            }
            if mailbox.check().is_err() {
                return T::default();
            }
            result = self.finished.wait_timeout(result, ALIVE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl<P: Pattern> Socket<P> {
    /// From now on every call fails, and who waits is woken. Messages that queue to leave.
    pub(crate) fn begin_close(&self) -> usize {
        let mut core = self.lock();
        core.state.phase = Phase::Closing;
        core.state.turns.wake_all();
        core.state.plan_tails();
        let unreceived = core.state.inboxes.len();
        core.state.counters.lost(Loss::Unreceived, unreceived as u64);
        let octets = core.state.inboxes.octets();
        core.state.memory.subtract(octets);
        core.state.inboxes = Inboxes::new();
        let queued = core.state.table.iter().map(|entry| entry.queued.messages).sum::<usize>()
            + core.pattern.waiting();
        for id in core.state.table.ids() {
            core.state.note_readable(id);
        }
        self.release(core);
        self.ties.pull();
        queued
    }

    /// Ends our direction of every pipe that has nothing left to write. Whether all pipes are gone.
    pub(crate) fn go_on_closing(&self) -> bool {
        let mut finished: Vec<Arc<Pipe>> = Vec::new();
        let mut core = self.lock();
        core.state.plan_tails();
        for entry in core.state.table.iter_mut() {
            if !entry.shut && entry.queued.messages == 0 {
                entry.shut = true;
                finished.push(Arc::clone(&entry.pipe));
            }
        }
        self.release(core);
        for pipe in finished {
            pipe.link().shutdown();
            // Where messages go one way there is nothing to read that could matter to what was written.
            if !self.role.talks_both_ways() {
                self.remove(&pipe, &Removal::Closed);
            }
        }
        self.lock().state.table.len() == 0
    }

    /// Whatever is left is dropped. Messages that never left since the close began.
    pub(crate) fn end_close(&self) -> usize {
        let pipes: Vec<Arc<Pipe>> =
            self.lock().state.table.iter().map(|entry| Arc::clone(&entry.pipe)).collect();
        for pipe in pipes {
            self.remove(&pipe, &Removal::Closed);
        }
        let mut core = self.lock();
        let kept = core.pattern.waiting();
        core.state.counters.lost(Loss::Closed, kept as u64);
        let dropped = core.state.unsent_at_close + kept;
        core.state.turns.wake_all();
        // The driver has a hold on pipes, and they on this socket.
        if let Some(mut driver) = core.state.turns.serve() {
            driver.readable.clear();
            core.state.turns.leave_watched(driver);
        }
        self.release(core);
        dropped
    }
}
