//! The engine's socket: a pattern behind one lock, driven by a thread that waits.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use hubless_protocol::patterns::{Full, Inbox, Key, Loss, Pattern, PipeId, Role};

use super::burst;
use super::control::until::Until;
use super::control::worker_handle::{Command, WorkerHandle};
use super::core::{AfterUnlock, Core, Phase, State, Want};
use super::effects::Fx;
use super::inbox::{Answered, Received};
use super::memory::body_pool::BodyPool;
use super::memory::budget::Budget;
use super::memory::read_buffers::ReadBuffers;
use super::monitor::Monitor;
use super::options::SocketOptions;
use super::sys::clock::Clock;
use super::sys::event_loop_waker::EventLoopWaker;
use super::sys::ids::SocketId;
use super::sys::sync::{Flag, Mutex, Rank};
use super::wait::block_on::{self, Waitable};
use super::wait::close_hooks::CloseHooks;
use super::wait::event_queue::EventQueue;
use crate::error::{Error, WaitingFor};
use crate::monitor::EventKind;
use crate::stats::Stats;

/// One socket. Shared by its handles, the background thread and the threads inside a call.
pub(crate) struct Socket<P: Pattern> {
    pub(super) me: Weak<Self>,
    pub(crate) id: SocketId,
    pub(super) role: Role,
    pub(crate) options: SocketOptions,
    pub(crate) clock: Clock,
    pub(crate) worker: Arc<WorkerHandle>,
    pub(super) buffers: Arc<ReadBuffers>,
    pub(super) body_pool: Arc<BodyPool>,
    pub(super) core: Mutex<Core<P>>,
    /// The event loop as far as it is used without the seat.
    pub(super) system: OnceLock<Arc<EventLoopWaker>>,
    pub(super) close_hooks: CloseHooks,
    /// Its event loop fails for good.
    pub(super) lost: Flag,
}

impl<P: Pattern> fmt::Debug for Socket<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl<P: Pattern> Socket<P> {
    pub(crate) fn new(
        pattern: P,
        options: SocketOptions,
        id: SocketId,
        clock: Clock,
        worker: Arc<WorkerHandle>,
        budget: Arc<Budget>,
        buffers: Arc<ReadBuffers>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            id,
            role: pattern.role(),
            core: Mutex::ranked(Rank::Socket, Core::new(pattern, &options, clock, budget)),
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

    /// Sends, waiting for room as long as `until` says, or not at all. What is not sent comes back. One who `expects` an answer waits
    /// for that in the same call.
    #[inline]
    pub(crate) fn send(
        &self,
        mut outgoing: P::Outgoing,
        until: impl FnOnce() -> Option<Until>,
        expects: bool,
    ) -> Result<P::Ticket, (Error, P::Outgoing)> {
        if let Err(error) = self.worker.check() {
            return Err((error, outgoing));
        }
        let mut core = self.lock();
        if core.state.phase != Phase::Open {
            return Err((self.over(), outgoing));
        }
        let sent = core.asking(expects, |core| core.send(&mut outgoing));
        self.release(core);
        match sent {
            Ok(ticket) => Ok(ticket),
            Err(Full) => self.send_waiting(outgoing, until(), expects),
        }
    }

    /// Sends one after the other, under one lock, until there is no room; how many.
    pub(crate) fn send_batch(&self, batch: &mut [P::Outgoing]) -> usize {
        if self.worker.check().is_err() {
            return 0;
        }
        let mut core = self.lock();
        let open = if core.state.phase == Phase::Open { batch } else { &mut [] };
        let sent = open.iter_mut().map_while(|outgoing| core.send(outgoing).ok()).count();
        self.release(core);
        sent
    }

    #[cold]
    fn send_waiting(
        &self,
        mut outgoing: P::Outgoing,
        until: Option<Until>,
        expects: bool,
    ) -> Result<P::Ticket, (Error, P::Outgoing)> {
        let attempt =
            |core: &mut Core<P>| core.asking(expects, |core| self.attempt_send(core, &mut outgoing));
        let sent = match until {
            Some(until) => block_on::block_on(self, Want::Room, &until, attempt)
                .unwrap_or_else(|| Err(until.timed_out(WaitingFor::Room))),
            None => block_on::try_once(self, Want::Room, attempt).unwrap_or(Err(Error::Full)),
        };
        sent.map_err(|error| (error, outgoing))
    }

    /// One attempt of a sender who waits for room; whether the next may find some too.
    pub(super) fn attempt_send(
        &self,
        core: &mut Core<P>,
        outgoing: &mut P::Outgoing,
    ) -> Option<(Result<P::Ticket, Error>, bool)> {
        if core.state.phase != Phase::Open {
            return Some((Err(self.over()), true));
        }
        let Ok(ticket) = core.send_again(outgoing) else {
            core.state.plan_all_flushes();
            core.state.wait_queue.clear_ready(Want::Room);
            return None;
        };
        Some((Ok(ticket), true))
    }

    /// Takes a message of the socket's own inbox, and with the lock held makes of it what the caller gets: so it is moved once
    /// only.
    #[inline]
    pub(crate) fn recv<T>(
        &self,
        until: impl FnOnce() -> Option<Until>,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Result<T, Error> {
        self.worker.check()?;
        let mut core = self.lock();
        if core.state.phase == Phase::Open
            && !core.state.wait_queue.bars(Want::MESSAGE)
            && let Some(received) = core.state.pop()
        {
            let result = make(received);
            self.release(core);
            return Ok(result);
        }
        drop(core);
        self.recv_waiting(Want::MESSAGE, until(), |state| state.take_one(&make))
    }

    /// Takes at least one and at most `most` messages of the socket's own inbox, and with the lock held makes of each what the caller
    /// gets.
    pub(crate) fn recv_many<T>(
        &self,
        most: usize,
        until: Option<Until>,
        make: impl Fn(Received<P::Origin>) -> T,
    ) -> Result<Vec<T>, Error> {
        self.worker.check()?;
        self.recv_waiting(Want::MESSAGE, until, |state| state.take_many(most, &make))
    }

    /// Takes an answer to the request or survey `key`; what ended it when there will be none.
    pub(crate) fn recv_answer(&self, key: Key, until: Option<Until>) -> Result<Answered<P::Origin>, Error> {
        self.worker.check()?;
        self.recv_waiting(Want::Message(Inbox::Keyed(key)), until, |state| state.take_answer(key))
    }

    #[inline(never)]
    pub(super) fn recv_waiting<T>(
        &self,
        want: Want,
        until: Option<Until>,
        mut take: impl FnMut(&mut State<P::Origin>) -> Option<(T, bool)>,
    ) -> Result<T, Error> {
        let waits = until.is_some();
        // What it finds is handed on where it lies: to look at it here would have it moved.
        let attempt = |core: &mut Core<P>| self.attempt_recv(core, want, waits, &mut take);
        match until {
            Some(until) => block_on::block_on(self, want, &until, attempt)
                .unwrap_or_else(|| Err(until.timed_out(awaited(want)))),
            None => block_on::try_once(self, want, attempt).unwrap_or(Err(Error::Empty)),
        }
    }

    /// One attempt of a receiver, who waits if it finds nothing, or does not; whether the next may find something too.
    pub(super) fn attempt_recv<T>(
        &self,
        core: &mut Core<P>,
        want: Want,
        waits: bool,
        take: impl FnOnce(&mut State<P::Origin>) -> Option<(T, bool)>,
    ) -> Option<(Result<T, Error>, bool)> {
        if core.state.phase != Phase::Open {
            return Some((Err(self.over()), true));
        }
        let taken = take(&mut core.state);
        if taken.is_none() {
            if waits {
                burst::note_wait();
            } else {
                burst::note_empty_look();
            }
            // A caller that waits for an answer has its question out first.
            core.state.plan_all_flushes();
            core.state.wait_queue.clear_ready(want);
        }
        taken.map(|(taken, more)| (Ok(taken), more))
    }

    /// Waits until there are `wanted` peers.
    pub(crate) fn wait_for_peers(&self, wanted: usize, timeout: Duration) -> Result<(), Error> {
        self.worker.check()?;
        let until = Until::after(self.clock, Some(timeout));
        let mut present = 0;
        let attempt = |core: &mut Core<P>| {
            present = core.state.table.len();
            self.attempt_peers(core, wanted)
        };
        let result = block_on::block_on(self, Want::Peers, &until, attempt);
        result.unwrap_or_else(|| {
            Err(until.timed_out(WaitingFor::Peers { present, wanted, addresses: Vec::new() }))
        })
    }

    /// One look of somebody who waits for peers; who else waits looks for itself.
    pub(super) fn attempt_peers(&self, core: &Core<P>, wanted: usize) -> Option<(Result<(), Error>, bool)> {
        if core.state.phase != Phase::Open {
            return Some((Err(self.over()), true));
        }
        (core.state.table.len() >= wanted).then_some((Ok(()), true))
    }

    /// Lets the pattern act for the user: subscriptions.
    pub(crate) fn with_pattern<T>(
        &self,
        act: impl FnOnce(&mut P, &mut Fx<'_, P::Origin>) -> T,
    ) -> Result<T, Error> {
        self.worker.check()?;
        let mut core = self.lock();
        if core.state.phase != Phase::Open {
            return Err(self.over());
        }
        let result = core.step(act);
        self.release(core);
        Ok(result)
    }

    /// Nobody waits for the answers of `key` any more.
    pub(crate) fn cancel(&self, ticket: P::Ticket, key: Key) {
        let mut core = self.lock();
        let left = core.state.close_answers(key);
        core.step(|pattern, fx| pattern.cancel(ticket, fx));
        core.state.wait_queue.notify_one(Want::Room);
        self.release(core);
        drop(left);
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
            recv_queue: core.state.inboxes.len(),
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

/// What a receiver waits for.
fn awaited(want: Want) -> WaitingFor {
    if want == Want::MESSAGE { WaitingFor::Message } else { WaitingFor::Answer }
}
