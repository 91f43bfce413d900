//! One round of driving a socket: events, pending readiness, writing on, reading; and the sleep between two rounds.

use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::{Inbox, Time};

use super::control::worker_handle::Command;
use super::core::{AfterUnlock, Core, Want};
use super::driver::{Driver, System, WAKER};
use super::pipe::connection::Pipe;
use super::reading::Turn;
use super::shared::AnySocket;
use super::sys::event_loop_waker::LONGEST_SLEEP;
use super::sys::logging::{Level, log_line};
use super::sys::slice::Slice;
use super::sys::sync::{Alarm, Flag, MutexGuard, Parker};
use super::wait::block_on::Waitable;
use super::wait::wait_queue::WaitQueue;

/// How long to look again before sleeping: less than half of what a wake from another processor costs.
const SPIN: Duration = Duration::from_micros(20);
/// Pauses between two looks.
const PAUSES: u32 = 16;

impl AnySocket {
    /// Takes over the event loop if it has just been made, and lists what the last round's events and pending readiness name.
    fn collect(&self, driver: &mut Driver) -> bool {
        let Driver { system, readable, writable, .. } = driver;
        let mut core = self.lock();
        core.state.wait_queue.awake();
        if let Some(poll) = core.state.pending_readiness.poll.take() {
            *system = Some(System::new(poll));
        }
        let mut found = core.state.take_pending_readiness(readable, writable);
        let polled = match system {
            Some(system) if system.polled => {
                system.polled = false;
                Some(&system.events)
            }
            _ => None,
        };
        for event in polled.into_iter().flatten().filter(|event| event.token() != WAKER) {
            let Some(entry) = core.state.table.known_as(event.token()) else { continue };
            found = true;
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                readable.push(Arc::clone(&entry.pipe));
            }
            if event.is_writable() {
                writable.push(Arc::clone(&entry.pipe));
            }
            if event.is_read_closed() || event.is_error() {
                entry.ending = true;
            }
        }
        found
    }

    /// The event loop fails for good: every call ends with an error, and the background thread closes the rest.
    #[cold]
    fn lose_event_loop(&self) {
        if !self.lost.is_raised() {
            self.lost.raise();
            log_line!(Level::Error, "the event loop of a socket fails for good, and the socket ends");
            self.worker.tell(Command::Close { socket: self.id, until: self.clock.now(), done: None });
        }
    }

    /// Goes on writing where there is room again; where nobody waited for it, asks for no more such edges.
    fn write_on(&self, pipe: &Arc<Pipe>, after: &mut AfterUnlock) {
        let blocked =
            self.lock().state.table.get_mut(pipe.id).is_some_and(|entry| entry.flush_state.is_blocked());
        if blocked {
            self.flush(pipe, after);
            // Reading may have waited for what was written.
            if pipe.manner.buffers {
                self.lock().state.note_readable(pipe.id);
            }
            return;
        }
        let Some(mut side) = pipe.write.try_lock() else { return };
        let still_free =
            self.lock().state.table.get_mut(pipe.id).is_some_and(|entry| !entry.flush_state.is_blocked());
        if still_free && side.watching {
            self.watch_writable(pipe, &mut side, false, after);
        }
    }
}

impl AnySocket {
    /// Goes on writing to each pipe that may have room, until that has taken a slice of time; what is left stays listed.
    fn write_in_turn(&self, driver: &mut Driver) -> bool {
        let mut after = AfterUnlock::default();
        let mut turns = InTurn::of(driver.writable.len());
        while turns.go_on(|| self.clock.now())
            && let Some(pipe) = driver.writable.pop()
        {
            self.write_on(&pipe, &mut after);
        }
        if turns.taken > 0 {
            self.act(after);
        }
        turns.taken > 0
    }

    /// Gives each pipe one turn of reading, until that has taken a slice of time; what is left stays listed.
    fn read_in_turn(&self, driver: &mut Driver) -> bool {
        let mut turns = InTurn::of(driver.readable.len());
        while turns.go_on(|| self.clock.now())
            && let Some(pipe) = driver.readable.pop()
        {
            if self.read_guarded(&pipe, &mut driver.tasks) == Turn::More {
                driver.readable.push(pipe);
            }
        }
        turns.taken > 0
    }
}

/// The turns of several pipes, of which the first has one in any case. One pipe alone costs no look at the clock.
struct InTurn {
    left: usize,
    taken: usize,
    slice: Option<Slice>,
}

impl InTurn {
    fn of(pipes: usize) -> Self {
        Self { left: pipes, taken: 0, slice: None }
    }

    /// Whether another one has a turn.
    fn go_on(&mut self, now: impl FnOnce() -> Time) -> bool {
        if self.left == 0 {
            return false;
        }
        if self.left > 1 || self.taken > 0 {
            let now = now();
            if self.slice.get_or_insert_with(|| Slice::begin(now)).is_over(now) {
                return false;
            }
        }
        (self.left, self.taken) = (self.left - 1, self.taken + 1);
        true
    }
}

impl Waitable for AnySocket {
    type Core = Core;
    type Driver = Box<Driver>;
    type Want = Want;

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock()
    }

    fn wait_queue(core: &mut Core) -> &mut WaitQueue<Box<Driver>, Want> {
        &mut core.state.wait_queue
    }

    fn release(&self, core: MutexGuard<'_, Core>) {
        self.unlock(core);
    }

    fn give_back(core: &mut Core, mut driver: Box<Driver>) {
        core.state.empty(&mut driver);
        core.state.wait_queue.release_driver(driver);
    }

    fn is_contended(want: Want) -> bool {
        matches!(want, Want::Room | Want::MESSAGE)
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    #[inline]
    fn future_waits(core: &mut Core, want: Want, begins: bool) {
        if let Want::Message(Inbox::Keyed(key)) = want {
            let Core { state, pattern } = core;
            state.count_taker(key, begins, pattern.inboxes_mut());
        }
    }

    fn seated(&self, driver: &mut Box<Driver>) {
        if let Some(system) = &mut driver.system
            && std::mem::take(&mut system.registered)
        {
            self.worker.unwatch(&system.poll);
        }
    }

    fn round(&self, driver: &mut Box<Driver>) -> bool {
        if let Some(system) = &mut driver.system
            && !system.polled
        {
            system.poll_events(Some(Duration::ZERO));
            if system.failures.are_for_good() {
                self.lose_event_loop();
            }
        }
        let mut progress = self.collect(driver);
        progress |= self.write_in_turn(driver);
        progress |= self.read_in_turn(driver);
        progress
    }

    fn has_work(core: &Core, driver: &Box<Driver>) -> bool {
        let polled = driver.system.as_ref().is_some_and(|system| system.polled);
        polled || !driver.readable.is_empty() || !driver.writable.is_empty() || Self::is_noted(core)
    }

    fn is_noted(core: &Core) -> bool {
        !core.state.pending_readiness.is_empty()
    }

    fn may_spin(&self, driver: &mut Box<Driver>) -> bool {
        driver.spin.is_worth_it()
    }

    fn spin(&self, driver: &mut Box<Driver>, flag: &Flag) -> bool {
        // What is there before the first pause says nothing about the worth of spinning.
        if driver.probe() {
            return true;
        }
        let end = self.clock.now().after(SPIN);
        let mut found = false;
        while !found && self.clock.now() < end {
            let mut pauses = 0..PAUSES;
            found = pauses.any(|_| {
                std::hint::spin_loop();
                flag.is_raised()
            }) || driver.probe();
        }
        driver.spin.learn(found);
        found
    }

    fn alarm(&self, driver: &Box<Driver>) -> Alarm {
        match (&driver.system, self.system.get()) {
            (Some(_), Some(waker)) => Alarm::Poll(Arc::clone(waker)),
            _ => Alarm::Parked(Parker::current()),
        }
    }

    fn sleep(&self, driver: &mut Box<Driver>, limit: Option<Duration>) {
        match &mut driver.system {
            Some(system) => {
                system.poll_events(Some(limit.map_or(LONGEST_SLEEP, |limit| limit.min(LONGEST_SLEEP))));
            }
            None => Parker::current().park(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these pipes have a turn where each takes this long, and how often the clock is read.
    fn turns(pipes: usize, each: u64) -> (usize, usize) {
        let (mut turns, mut now, mut looks) = (InTurn::of(pipes), 0, 0);
        loop {
            let look = || {
                looks += 1;
                Time(now)
            };
            if !turns.go_on(look) {
                return (turns.taken, looks);
            }
            now += each;
        }
    }

    #[test]
    fn pipes_have_turns_until_they_have_taken_a_slice_of_time() {
        assert_eq!(turns(100, 1_000).0, 100);
        assert_eq!(turns(1000, 100_000).0, 5);
        assert_eq!(turns(2, 10_000_000).0, 1);
    }

    #[test]
    fn a_pipe_alone_has_its_turn_without_a_look_at_the_clock() {
        assert_eq!((turns(0, 1), turns(1, 10_000_000)), ((0, 0), (1, 0)));
    }
}
