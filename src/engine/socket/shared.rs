//! The engine's socket: a pattern behind one lock, driven by a thread that waits.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use hubless_protocol::patterns::{Loss, PipeId, Role};

use super::control::until::Until;
use super::control::worker_handle::{Command, WorkerHandle};
use super::core::{AfterUnlock, Core, Phase, State, Want};
use super::listed::ListedPattern;
use super::memory::body_pool::BodyPool;
use super::memory::budget::Budget;
use super::memory::read_buffers::ReadBuffers;
use super::monitor::Monitor;
use super::options::SocketOptions;
use super::sys::clock::Clock;
use super::sys::event_loop_waker::EventLoopWaker;
use super::sys::ids::SocketId;
use super::sys::sync::{Flag, Mutex, MutexGuard, Rank};
use super::wait::block_on::Waitable;
use super::wait::close_hooks::CloseHooks;
use super::wait::event_queue::EventQueue;
use crate::error::{Error, WaitingFor};
use crate::monitor::EventKind;
use crate::stats::Stats;

/// One socket, whatever its pattern. Shared by its handles, the background thread and the threads inside a call.
pub(crate) struct AnySocket {
    pub(super) me: Weak<Self>,
    pub(crate) id: SocketId,
    pub(super) role: Role,
    pub(crate) options: SocketOptions,
    pub(crate) clock: Clock,
    pub(crate) worker: Arc<WorkerHandle>,
    pub(super) buffers: Arc<ReadBuffers>,
    pub(super) body_pool: Arc<BodyPool>,
    pub(super) core: Mutex<Core>,
    /// The event loop as far as it is used without the seat.
    pub(super) system: OnceLock<Arc<EventLoopWaker>>,
    pub(super) close_hooks: CloseHooks,
    /// Its event loop fails for good.
    pub(super) lost: Flag,
}

impl fmt::Debug for AnySocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl AnySocket {
    pub(crate) fn new(
        pattern: ListedPattern,
        options: SocketOptions,
        id: SocketId,
        clock: Clock,
        worker: Arc<WorkerHandle>,
        budget: Arc<Budget>,
        buffers: Arc<ReadBuffers>,
    ) -> Arc<Self> {
        let role = pattern.role();
        let state = State::new(pattern.queueing(), &options, clock, budget);
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            id,
            role,
            core: Mutex::ranked(Rank::Socket, Core { state, pattern }),
            options,
            clock,
            worker,
            buffers,
            body_pool: Arc::default(),
            system: OnceLock::new(),
            close_hooks: CloseHooks::default(),
            lost: Flag::default(),
        })
    }

    /// Waits until there are `wanted` peers.
    pub(crate) fn wait_for_peers(&self, wanted: usize, timeout: Duration) -> Result<(), Error> {
        self.worker.check()?;
        let until = Until::after(self.clock, Some(timeout));
        let mut present = 0;
        let outcome = self.wait(Want::Peers, Some(&until), &mut |core| {
            present = core.state.table.len();
            core.attempt_peers(wanted)
        });
        outcome.map_err(|error| match error {
            Error::Timeout { waited, .. } => {
                let (addresses, last_error) = (Vec::new(), None);
                let waiting_for = WaitingFor::Peers { present, wanted, addresses, last_error };
                Error::Timeout { waited, waiting_for }
            }
            other => other,
        })
    }

    /// Why no call succeeds any more.
    #[cold]
    pub(super) fn over(&self) -> Error {
        let alive = if self.lost.is_raised() { Error::Dead } else { Error::Closed };
        self.worker.check().err().unwrap_or(alive)
    }

    /// Writes what the system takes now, without waiting.
    pub(crate) fn write_out(&self) {
        let mut core = self.lock();
        core.state.plan_all_flushes();
        self.release(core);
    }

    /// Counts a message that came by this pipe and that the user lost.
    pub(crate) fn count(&self, pipe: PipeId, loss: Loss) {
        let mut core = self.lock();
        core.state.lost_at(pipe, loss);
        self.release(core);
    }

    pub(crate) fn stats(&self) -> Stats {
        if self.worker.is_forked() {
            return Stats::default();
        }
        let core = self.lock();
        Stats {
            pipes: core.state.table.len(),
            send_queue: core.messages_queued(),
            recv_queue: core.pattern.inboxes().len(),
            ..core.state.counters.stats
        }
    }

    /// Adds a monitor with a queue for `capacity` events.
    pub(crate) fn monitor(&self, capacity: usize) -> Monitor {
        let queue = Arc::new(EventQueue::new(capacity));
        if !self.worker.is_forked() {
            let mut core = self.lock();
            core.state.add_monitor(&queue);
            self.release(core);
        }
        Monitor::new(queue, Arc::clone(&self.worker), self.clock)
    }

    /// Tells every monitor.
    pub(crate) fn tell(&self, event: impl FnOnce() -> EventKind) {
        let mut core = self.lock();
        core.state.tell(event);
        self.release(core);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().state.phase == Phase::Open
    }

    /// Unlocks, and does what the step under the lock has left. For the path of a message; everything
    /// else calls `release`.
    #[allow(clippy::inline_always, reason = "a call for each message costs more than the copies")]
    #[inline(always)]
    pub(super) fn unlock(&self, mut core: MutexGuard<'_, Core>) {
        let after = core.state.take_after_unlock();
        drop(core);
        if let Some(after) = after {
            self.act(after);
        }
    }

    /// Does what a step under the lock has left: writes first, then wakes, because a wake costs more than a write.
    pub(super) fn act(&self, mut after: AfterUnlock) {
        self.flush_all(&mut after);
        for wakeups in after.wakeups {
            let (hand_off, serve) = (wakeups.hand_off, wakeups.serve);
            wakeups.wake();
            if hand_off {
                self.worker.tell(Command::HandOff(self.id));
            }
            if serve {
                self.worker.tell(Command::Serve(self.id));
            }
        }
        if let Some(budget) = after.rare.and_then(|rare| rare.relief) {
            budget.announce();
        }
        if after.begin_stream {
            self.worker.tell(Command::Stream(self.id));
        }
        if let Some(at) = after.timer {
            self.worker.tell_timer(self.id, at);
        }
    }

    /// Writes what is to be written, and adds what follows from that.
    pub(super) fn flush_all(&self, after: &mut AfterUnlock) {
        while let Some(pipe) = after.flush.pop() {
            self.flush_unless_busy(&pipe, after);
        }
    }
}
