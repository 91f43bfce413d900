//! The end of a socket: what is queued is written, our direction is ended, and, in patterns that talk both ways, what the peers
//! still send is read and discarded until they end theirs. Closing with unread input would make the system reset the
//! connection, and the peer lose what it had not yet read.

use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Loss;

use super::close_snapshot::CloseSnapshot;
use super::control::close_report::CloseReport;
use super::control::closer;
use super::control::completion::Completion;
use super::control::managed_socket::ManagedSocket;
use super::control::worker_handle::Command;
use super::core::{Core, Phase, State};
use super::pipe::connection::Pipe;
use super::pipe::unsent::Unsent;
use super::shared::AnySocket;
use super::sys::catch_panic::{Panicked, catch_panic};
use super::sys::logging::{Level, log_line};
use super::wait::block_on::Waitable;
use crate::human::{counted, duration};
use crate::monitor::Removal;

/// With this many messages queued they are not written by the thread that closes the socket: that could take longer than it may.
const MANY: usize = 10_000;

impl AnySocket {
    /// The last handle is gone: what is queued leaves in the background, for the time of the option. Where somebody closes the socket already,
    /// the time is theirs: the background thread may not have been told of it yet, and would end the socket by this one.
    pub(crate) fn linger(&self) {
        if self.lock().state.phase != Phase::Open {
            return;
        }
        self.write_out();
        let (queued, linger) = (self.stats().send_queue, self.options.linger);
        if queued > 0 {
            log_line!(
                Level::Warn,
                "{} was dropped with {} queued: what does not leave within {}, or before the program ends, is lost; \
                 `close` waits for it",
                self.role,
                counted(queued as u64, "message"),
                duration(linger)
            );
        }
        let until = self.clock.now().after(linger);
        self.worker.tell(Command::Close { socket: self.id, until, done: None });
    }

    /// Closes the socket, by the end of this time.
    pub(crate) fn close(&self, timeout: Duration) -> CloseReport {
        let until = self.clock.now().after(timeout);
        let me = self.me.upgrade().map(|me| me as Arc<dyn ManagedSocket>);
        closer::close(me.as_slice(), self.clock, until)
    }

    /// Begins to close the socket, and ends it by the end of this time: what becomes of it.
    pub(crate) fn close_async(&self, timeout: Duration) -> Option<Arc<Completion<CloseReport>>> {
        let until = self.clock.now().after(timeout);
        self.me.upgrade().map(|me| closer::close_async(me, self.clock, until))
    }

    /// From now on every call fails, and who waits is woken.
    pub(super) fn begin_close(&self) {
        let mut core = self.lock();
        if core.state.phase != Phase::Open {
            return;
        }
        let queued = core.messages_queued();
        core.state.close_snapshot = Some(CloseSnapshot::begin(queued, &core.state.counters.stats));
        core.state.phase = Phase::Closing;
        core.pattern.closing();
        core.state.wait_queue.wake_all();
        if queued < MANY {
            core.state.plan_all_flushes();
        }
        let inboxes = core.pattern.take_inboxes();
        core.state.lost(Loss::Unreceived, inboxes.len() as u64);
        core.state.remains.inboxes.push(inboxes);
        for id in core.state.table.ids() {
            core.state.note_readable(id);
        }
        self.release(core);
        self.close_hooks.run();
    }

    /// Ends our direction of every pipe that has nothing left to write. Whether all pipes are gone.
    ///
    /// Where messages can go to another peer, no pipe is ended before all have written everything: it may be the one that takes
    /// what another leaves behind.
    pub(super) fn go_on_closing(&self) -> bool {
        let mut finished: Vec<Arc<Pipe>> = Vec::new();
        let mut core = self.lock();
        core.state.plan_all_flushes();
        if !core.pattern.redistributes() || core.messages_queued() == 0 {
            for entry in core.state.table.iter_mut() {
                if !entry.shut && entry.queued.messages == 0 && entry.controls_waiting() == 0 {
                    entry.shut = true;
                    finished.push(Arc::clone(&entry.pipe));
                }
            }
        }
        self.release(core);
        for pipe in finished {
            if catch_panic(|| pipe.link().shutdown()) == Err(Panicked) {
                self.remove(&pipe, &Removal::Panicked);
            }
            // Where messages go one way there is nothing to read that could matter to what was written. But a transport with
            // buffers has words of its own to say to the other end, and one that is closed before it has read them makes the system
            // reset the connection.
            if !self.role.talks_both_ways() && !pipe.manner.buffers {
                self.remove(&pipe, &Removal::SocketClosed);
            }
        }
        !self.lock().state.has_pipes()
    }

    /// Whatever is left is dropped. What became of everything that was queued when the close began. Several may come to this; the one
    /// that removes the last pipe ends the socket.
    pub(super) fn end_close(&self) -> CloseReport {
        let mut core = self.lock();
        if core.state.phase != Phase::Over {
            core.state.phase = Phase::Over;
            let orphans = if core.state.has_pipes() { 0 } else { core.pattern.waiting() };
            core.state.note_orphans(orphans);
        }
        let pipes: Vec<Arc<Pipe>> = core.state.table.iter().map(|entry| Arc::clone(&entry.pipe)).collect();
        self.release(core);
        for pipe in pipes {
            self.remove(&pipe, &Removal::SocketClosed);
        }
        let mut core = self.lock();
        core.come_to_an_end();
        // Of what is still on its way out nothing more is written.
        let report = core.state.report_of_close(core.messages_queued());
        self.release(core);
        report
    }
}

impl State {
    /// Whether there are pipes, those included that are just being removed.
    fn has_pipes(&self) -> bool {
        self.table.len() + self.parting.pipes > 0
    }
}

impl Core {
    /// Messages that wait to leave, in the pipes and in the pattern.
    pub(super) fn messages_queued(&self) -> usize {
        let pipes = self.state.table.iter().map(|entry| entry.queued.messages);
        pipes.sum::<usize>() + self.state.parting.messages + self.pattern.waiting()
    }

    /// Ends a socket whose time is over and whose last pipe is gone, once. Whether it does now.
    pub(super) fn come_to_an_end(&mut self) -> bool {
        if self.state.phase != Phase::Over || self.state.has_pipes() || !self.state.ends() {
            return false;
        }
        let kept = self.pattern.over();
        let bytes = self.state.memory.hand_out_returned();
        self.state.lose(Unsent::Messages(kept), bytes);
        self.state.end_monitors();
        self.state.wait_queue.wake_all();
        if let Some(mut driver) = self.state.wait_queue.try_drive_in_background() {
            self.state.empty(&mut driver);
            self.state.wait_queue.release_driver_to_background(driver);
        }
        true
    }
}
