//! What a socket's one lock guards.

use std::sync::Arc;

use hubless_protocol::patterns::{Full, Inbox, PipeId, Queueing, Time};
use hubless_transport::Message;
use smallvec::SmallVec;

use super::batching::FlushLists;
use super::close_snapshot::CloseSnapshot;
use super::control::socket_timer::SocketTimer;
use super::counters::Counters;
use super::driver::Driver;
use super::inbox::AnyInboxes;
use super::listed::{Listed, ListedPattern};
use super::memory::budget::Budget;
use super::memory::quota::Quota;
use super::monitors::Monitors;
use super::options::SocketOptions;
use super::pending_readiness::PendingReadiness;
use super::pipe::connection::Pipe;
use super::pipe::send_queue::{QueueSize, SendQueue};
use super::pipe::table::{Entry, Table};
use super::pipe::unsent::Parting;
use super::remains::Remains;
use super::streaming::Streaming;
use super::sys::clock::Clock;
use super::typed::Typed;
use super::wait::deferred_wakeups::DeferredWakeups;
use super::wait::wait_queue::WaitQueue;

/// What a call can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Want {
    Message(Inbox),
    /// A send may succeed.
    Room,
    /// The number of peers has changed.
    Peers,
}

impl Want {
    /// A message in the socket's own inbox.
    pub(crate) const MESSAGE: Self = Self::Message(Inbox::Socket);
}

/// How far a socket is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// No call succeeds any more; what is queued is still being written.
    Closing,
    /// The time for that is over: what is left goes, even if another thread is at it.
    Over,
}

/// The inside of a socket: the state that every socket has, and what differs by pattern.
#[derive(Debug)]
pub(crate) struct Core {
    pub(super) state: State,
    pub(super) pattern: ListedPattern,
}

/// Everything of a socket that does not differ by pattern.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) phase: Phase,
    pub(super) wait_queue: WaitQueue<Box<Driver>, Want>,
    pub(super) table: Table,
    pub(super) pending_readiness: PendingReadiness,
    pub(super) counters: Counters,
    pub(super) monitors: Monitors,
    pub(super) streaming: Streaming,
    pub(super) memory: Quota,
    /// How things were when the close began.
    pub(super) close_snapshot: Option<CloseSnapshot>,
    /// Pipes that are out of the table and not yet gone.
    pub(super) parting: Parting,
    pub(super) remains: Remains,
    pub(super) clock: Clock,
    pub(super) send_limit: QueueSize,
    pub(super) recv_limit: QueueSize,
    pub(super) flush_lists: FlushLists,
    timer: SocketTimer,
    pub(super) after: AfterUnlock,
}

/// What a step under the lock leaves to be done after unlocking.
#[derive(Debug, Default)]
pub(super) struct AfterUnlock {
    pub(super) flush: SmallVec<[Arc<Pipe>; 2]>,
    pub(super) wakeups: SmallVec<[DeferredWakeups; 1]>,
    /// A stream has begun: the background thread is to flush what it leaves.
    pub(super) begin_stream: bool,
    /// The background thread is to come for the pattern's timer at this time.
    pub(super) timer: Option<Time>,
    /// What a step leaves seldom. Apart, because this struct is moved with every send on an idle socket, and up to 128 bytes are
    /// moved without a call.
    pub(super) rare: Option<Box<Rare>>,
}

/// What a step under the lock leaves to be done after unlocking, where memory is short or a socket ends.
#[derive(Debug, Default)]
pub(super) struct Rare {
    /// The context has memory again, and everybody is to be told.
    pub(super) relief: Option<Arc<Budget>>,
    /// Pipes that the driver of a socket that is over still had. They go after unlocking: the end of a connection may call another
    /// socket.
    pub(super) gone: Vec<Arc<Pipe>>,
}

impl AfterUnlock {
    /// Adds what a later step left.
    pub(super) fn merge(&mut self, more: Self) {
        self.flush.extend(more.flush);
        self.wakeups.extend(more.wakeups);
        self.begin_stream |= more.begin_stream;
        self.timer = more.timer.or(self.timer);
        if let Some(more) = more.rare {
            let rare = self.rare.get_or_insert_default();
            rare.relief = more.relief.or(rare.relief.take());
            rare.gone.extend(more.gone);
        }
    }
}

impl Core {
    /// The state, and what differs by pattern, of a socket with this pattern.
    #[inline]
    pub(super) fn parts<P: Listed>(&mut self) -> (&mut State, &mut Typed<P>) {
        let Self { state, pattern } = self;
        (state, P::find(pattern).expect("a socket keeps its pattern"))
    }
}

impl State {
    pub(super) fn new(
        queueing: Queueing,
        options: &SocketOptions,
        clock: Clock,
        budget: Arc<Budget>,
    ) -> Self {
        Self {
            phase: Phase::Open,
            wait_queue: WaitQueue::new(Box::default()),
            table: Table::new(queueing),
            pending_readiness: PendingReadiness::default(),
            counters: Counters::default(),
            monitors: Monitors::default(),
            streaming: Streaming::default(),
            memory: Quota::of(budget),
            close_snapshot: None,
            parting: Parting::default(),
            remains: Remains::default(),
            clock,
            send_limit: options.send_buffer,
            recv_limit: options.recv_buffer,
            flush_lists: FlushLists::default(),
            timer: SocketTimer::default(),
            after: AfterUnlock::default(),
        }
    }

    /// A message of the socket's own inbox was taken, that came by this pipe.
    ///
    /// Keeps I4: a pipe that is paused is noted to be read on, or more waits than may for that.
    #[inline]
    pub(super) fn taken(&mut self, pipe: PipeId, bytes: usize, cost: usize) {
        self.memory.subtract(cost);
        match self.table.get_mut(pipe) {
            Some(entry) => {
                entry.held.subtract(QueueSize::one(bytes));
                if entry.paused | entry.starved | entry.finishing.is_some() {
                    self.read_on(pipe);
                }
            }
            None => self.memory.take_up(bytes),
        }
    }

    /// A send of this size has found no room.
    pub(super) fn note_lack(&mut self, size: usize) {
        let barred = self.wait_queue.bars(Want::Room) && self.wait_queue.least_barred() > 0;
        let lacks = if self.memory.lacking || barred { size.max(1) } else { 0 };
        self.wait_queue.note_lack(Want::Room, lacks);
    }

    /// Whether more of this pipe may be delivered, of which this many bytes are here and not delivered. If not, it is
    /// noted what that waits for. With memory `scarce`, its queue is looked at.
    ///
    /// A pipe whose peer has ended is read on though it is paused: the system holds no more of it than its buffers, and
    /// the end must be found.
    #[inline]
    pub(super) fn may_read(
        &mut self,
        id: PipeId,
        scarce: bool,
        bytes: impl FnOnce() -> usize,
        inboxes: &mut dyn AnyInboxes,
    ) -> bool {
        let Some(entry) = self.table.get_mut(id) else { return false };
        if entry.paused && !entry.ending {
            return false;
        }
        !scarce || self.may_deliver(id, bytes(), inboxes)
    }

    /// Whether the pattern's timer is due; if not yet, asks the background thread to come again.
    pub(super) fn timer_is_due(&mut self) -> bool {
        let (due, again) = self.timer.fire(self.clock.now());
        self.after.timer = again.or(self.after.timer);
        due
    }

    /// What the step leaves to be done, if anything.
    #[inline]
    pub(super) fn take_after_unlock(&mut self) -> Option<AfterUnlock> {
        let after = &self.after;
        let nothing = after.flush.is_empty() && !after.begin_stream && after.timer.is_none();
        if nothing && after.rare.is_none() && !self.wait_queue.has_wakeups() && !self.memory.is_relieved() {
            return None;
        }
        Some(self.gather_after_unlock())
    }

    /// The seat is given back. A driver holds pipes; those of a socket that is over go with it, whichever thread brings it back.
    pub(super) fn empty(&mut self, driver: &mut Driver) {
        if self.phase == Phase::Over {
            self.after.rare.get_or_insert_default().gone.extend(driver.let_go());
        }
    }

    #[inline(never)]
    fn gather_after_unlock(&mut self) -> AfterUnlock {
        let mut after = std::mem::take(&mut self.after);
        if let Some(budget) = self.memory.take_relief() {
            after.rare.get_or_insert_default().relief = Some(budget);
        }
        after.wakeups.extend(self.wait_queue.take_wakeups());
        after
    }

    /// The pattern wants its timer then, or not at all.
    pub(super) fn want_timer(&mut self, at: Option<Time>) {
        self.after.timer = self.timer.set(at).or(self.after.timer);
    }

    /// The background thread is needed then, too.
    pub(super) fn schedule(&mut self, at: Option<Time>) {
        self.after.timer = self.timer.come_by(at).or(self.after.timer);
    }

    /// Has `append` queue one message for a pipe, counts it, and notes that it wants to leave. With no room nothing is
    /// appended, and the pattern has to be told of new room. A body that several pipes get as the same memory is `shared`.
    #[inline]
    pub(super) fn push(
        &mut self,
        pipe: PipeId,
        bytes: usize,
        shared: Option<&Message>,
        append: impl FnOnce(&mut SendQueue),
        inboxes: &mut dyn AnyInboxes,
    ) -> Result<(), Full> {
        let (limit, memory) = (self.send_limit, &self.memory);
        let has_room = |entry: &Entry| entry.queued.is_below(limit) && memory.fits(entry.queued.bytes, bytes);
        let entry = match self.table.get_mut(pipe) {
            Some(entry) if has_room(entry) => entry,
            _ => {
                self.find_room(pipe, bytes, shared, inboxes)?;
                self.table.get_mut(pipe).ok_or(Full)?
            }
        };
        let before = entry.pending.size().bytes;
        append(&mut entry.pending);
        let pending = entry.pending.size();
        entry.queued.add(QueueSize::one(pending.bytes - before));
        entry.traffic.sent += 1;
        entry.traffic.sent_bytes += bytes as u64;
        self.memory.add(pending.bytes - before);
        self.flush_lists.note_queued(pipe, entry, pending, limit);
        let stats = &mut self.counters.stats;
        stats.sent += 1;
        stats.sent_bytes += bytes as u64;
        Ok(())
    }
}
