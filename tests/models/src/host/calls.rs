//! What the users of the socket call.

use std::task::Waker;
use std::time::Duration;

use shuttle::sync::Arc;

use super::{Core, Fault, Looks, Outcome, Socket, Want};
use crate::sys::sync::{Flag, Parker};
use crate::wait::block_on::{self, Deadline, Waitable};
use crate::wait::poll_wait::{self, WaitSlot};
use crate::wait::readiness::{ReadinessObserver, ReadinessSignal};

impl Socket {
    pub(crate) fn recv(&self, deadline: &Looks) -> Outcome<u32> {
        self.wait(Want::Message, deadline, |core| self.attempt_recv(core))
    }

    fn attempt_recv(&self, core: &mut Core) -> Option<(Outcome<u32>, bool)> {
        if core.closed {
            return Some((Outcome::Closed, true));
        }
        let Some(message) = core.pop() else {
            core.plan_all_flushes();
            return None;
        };
        Some((Outcome::Done(message), !core.inbox.is_empty() && !self.is(Fault::MoreIsKeptSecret)))
    }

    /// One poll of a future that receives.
    pub(crate) fn poll_recv(&self, slot: &mut WaitSlot<Want>, waker: &Waker) -> Option<Outcome<u32>> {
        self.core.lock().futures = true;
        poll_wait::poll_wait(self, slot, Want::Message, waker, |core| self.attempt_recv(core))
    }

    /// One poll of a future that sends.
    pub(crate) fn poll_send(
        &self,
        slot: &mut WaitSlot<Want>,
        waker: &Waker,
        message: u32,
    ) -> Option<Outcome<()>> {
        self.core.lock().futures = true;
        poll_wait::poll_wait(self, slot, Want::Room, waker, |core: &mut Core| core.attempt_send(message))
    }

    /// A future is dropped.
    pub(crate) fn leave(&self, slot: &mut WaitSlot<Want>) {
        if !self.is(Fault::DropPassesNothingOn) {
            poll_wait::leave(self, slot);
        }
    }

    /// One look, and if the seat is free, one round.
    pub(crate) fn try_recv(&self) -> Option<u32> {
        let found = block_on::try_once(self, Want::Message, |core: &mut Core| {
            let message = core.pop();
            if message.is_none() && core.fault != Fault::ClearedTooLate {
                core.wait_queue.clear_ready(Want::Message);
            }
            Some((message?, !core.inbox.is_empty()))
        });
        if found.is_none() && self.is(Fault::ClearedTooLate) {
            let mut core = self.core.lock();
            core.wait_queue.clear_ready(Want::Message);
            self.release(core);
        }
        found
    }

    /// Subscribes an observer, who is told when a message comes.
    pub(crate) fn subscribe(&self, observer: Box<dyn ReadinessObserver>) {
        let mut core = self.core.lock();
        core.wait_queue.subscribe(Want::Message, Arc::new(ReadinessSignal::new(observer)), false);
        self.release(core);
    }

    pub(crate) fn send(&self, message: u32, deadline: &Looks) -> Outcome<()> {
        let mut core = self.core.lock();
        if core.closed {
            return Outcome::Closed;
        }
        if core.push(message) {
            self.release(core);
            return Outcome::Done(());
        }
        self.release(core);
        self.wait(Want::Room, deadline, |core: &mut Core| core.attempt_send(message))
    }

    /// From now on there is only so much memory.
    pub(crate) fn limit_memory(&self, memory: usize) {
        self.core.lock().memory = memory;
    }

    /// As `relieve` of a socket: so much memory comes back.
    pub(crate) fn give_memory(&self, memory: usize) {
        let mut core = self.core.lock();
        core.memory += memory;
        core.wait_queue.wake_driver();
        core.wait_queue.notify_one(Want::Room);
        self.release(core);
    }

    /// Drops the oldest message where there is no room; the new one where a writer is busy with all others.
    pub(crate) fn send_displacing(&self, message: u32) {
        let mut core = self.core.lock();
        core.displaces = true;
        while !core.push(message) {
            if let Some(mut side) = self.write.try_lock() {
                core.reclaim(&mut side.in_flight);
            }
            if core.pending.pop_front().is_none() {
                break;
            }
            core.queued -= 1;
        }
        self.release(core);
    }

    pub(crate) fn wait_for_peers(&self, wanted: usize) {
        let there = |core: &mut Core| (core.peers >= wanted).then_some((Outcome::Done(()), true));
        assert_eq!(self.wait(Want::Peers, &Looks::FOREVER, there), Outcome::Done(()));
    }

    fn wait<T>(
        &self,
        want: Want,
        deadline: &Looks,
        attempt: impl FnMut(&mut Core) -> Option<(Outcome<T>, bool)>,
    ) -> Outcome<T> {
        let outcome = if self.is(Fault::TimeoutPassesNothingOn) || self.is(Fault::KeepsThePriority) {
            wait_selfishly(self, want, deadline, attempt)
        } else {
            block_on::block_on(self, want, deadline, attempt)
        };
        outcome.unwrap_or(Outcome::Timeout)
    }

    pub(crate) fn close(&self) {
        let mut core = self.core.lock();
        core.closed = !self.is(Fault::WokenBeforeClosed);
        if self.is(Fault::CloseForgetsTheDriver) {
            self.kernel.deafen();
        }
        core.wait_queue.wake_all();
        if self.is(Fault::WokenBeforeClosed) {
            self.release(core);
            core = self.core.lock();
            core.closed = true;
        }
        self.release(core);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.core.lock().closed
    }

    /// As `take` of a device: nothing once it is cancelled.
    pub(crate) fn recv_unless(&self, off: &Flag) -> Option<u32> {
        let take = |core: &mut Core| {
            if off.is_raised() {
                return Some((Outcome::Closed, true));
            }
            let message = core.pop()?;
            Some((Outcome::Done(message), !core.inbox.is_empty()))
        };
        match self.wait(Want::Message, &Looks::FOREVER, take) {
            Outcome::Done(message) => Some(message),
            _ => None,
        }
    }

    /// As `give` of a device: whether there was room before it was cancelled.
    pub(crate) fn send_unless(&self, message: u32, off: &Flag) -> bool {
        let give = |core: &mut Core| {
            let given = core.push(message);
            if given || off.is_raised() {
                return Some((Outcome::Done(given), true));
            }
            core.plan_all_flushes();
            None
        };
        self.wait(Want::Room, &Looks::FOREVER, give) == Outcome::Done(true)
    }

    pub(crate) fn cancel_waits(&self, off: &Flag) {
        if !self.is(Fault::WokenBeforeCancelled) {
            off.raise();
        }
        let mut core = self.core.lock();
        if self.is(Fault::CancellationForgetsTheDriver) {
            self.kernel.deafen();
        }
        core.wait_queue.wake_all();
        self.release(core);
        off.raise();
    }
}

/// As `block_on` for a caller that never drives, but one that gives up forgets that it was notified.
fn wait_selfishly<T>(
    socket: &Socket,
    want: Want,
    deadline: &Looks,
    mut attempt: impl FnMut(&mut Core) -> Option<(T, bool)>,
) -> Option<T> {
    if deadline.left().is_none() {
        return block_on::block_on(socket, want, deadline, attempt);
    }
    let mut core = socket.core.lock();
    if let Some((found, more)) = attempt(&mut core) {
        core.wait_queue.propagate_wakeup(want, None, more, None);
        socket.release(core);
        return Some(found);
    }
    let parker = Parker::current();
    let ticket = core.wait_queue.enqueue(want, parker.clone(), None, None);
    socket.release(core);
    parker.park(Some(Duration::from_secs(1)));
    let mut core = socket.core.lock();
    core.wait_queue.dequeue(ticket);
    if socket.is(Fault::KeepsThePriority) {
        core.wait_queue.prioritize(want, Some(ticket), false);
    }
    socket.release(core);
    None
}
