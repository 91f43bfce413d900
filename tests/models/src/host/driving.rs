//! Driving the socket, and reading: it follows `driving` and `reading` of the engine.

use std::time::Duration;

use hubless_protocol::patterns::Time;
use shuttle::sync::Arc;
use shuttle::sync::atomic::Ordering;

use super::{AfterUnlock, Core, Driver, Fault, RECV_LIMIT, Socket, Want};
use crate::check::perhaps;
use crate::kernel::Bell;
use crate::sys::sync::{Alarm, Flag, MutexGuard, Parker};
use crate::wait::block_on::Waitable;
use crate::wait::wait_queue::WaitQueue;

/// Messages of one turn of reading.
const TURN: usize = 1;

impl Waitable for Socket {
    type Core = Core;
    type Driver = Driver;
    type Want = Want;

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock()
    }

    fn wait_queue(core: &mut Core) -> &mut WaitQueue<Driver, Want> {
        &mut core.wait_queue
    }

    fn release(&self, mut core: MutexGuard<'_, Core>) {
        if self.looks_at_invariants {
            core.assert_invariants();
        }
        let mut after = AfterUnlock::default();
        core.add_todo(&mut after);
        if self.is(Fault::LeavesInSilence) && core.wait_queue.is_driver_free() {
            after.wakeups.clear();
        }
        drop(core);
        self.act(after);
    }

    fn give_back(core: &mut Core, mut driver: Driver) {
        core.empty(&mut driver);
        core.wait_queue.release_driver(driver);
    }

    fn is_contended(want: Want) -> bool {
        want != Want::Peers
    }

    /// However often somebody is overtaken, it is for long.
    fn now(&self) -> Time {
        Time(self.overtaken.fetch_add(u64::MAX / 1000, Ordering::Relaxed))
    }

    fn seated(&self, driver: &mut Driver) {
        if std::mem::take(&mut driver.registered) {
            self.kernel.watch(None);
        }
    }

    fn round(&self, driver: &mut Driver) -> bool {
        if !driver.polled.any() {
            driver.polled = self.kernel.poll_events(Some(Duration::ZERO)).0;
        }
        let mut core = self.core.lock();
        core.wait_queue.awake();
        let pending = std::mem::take(&mut core.pending_readiness);
        drop(core);
        let edges = std::mem::take(&mut driver.polled);
        if pending.writable || edges.writable {
            let mut after = AfterUnlock::default();
            self.write_on(&mut after);
            self.act(after);
        }
        driver.readable |= pending.readable || edges.readable;
        let progress = pending.any() || edges.any() || driver.readable;
        driver.readable = driver.readable && self.read();
        progress
    }

    fn has_work(core: &Core, driver: &Driver) -> bool {
        let noted = core.pending_readiness.any() && core.fault != Fault::SleepsUnlooked;
        noted || driver.polled.any() || driver.readable
    }

    fn is_noted(core: &Core) -> bool {
        core.pending_readiness.any() && core.fault != Fault::NotesAreLeft
    }

    fn may_spin(&self, _: &mut Driver) -> bool {
        perhaps()
    }

    fn spin(&self, driver: &mut Driver, flag: &Flag) -> bool {
        let (edges, found) = self.kernel.poll_events(Some(Duration::ZERO));
        driver.polled = edges;
        found || flag.is_raised()
    }

    fn alarm(&self, _: &Driver) -> Alarm {
        if self.kernel.has_edges() {
            Alarm::Poll(Arc::clone(&self.kernel) as Arc<dyn Bell>)
        } else {
            Alarm::Parked(Parker::current())
        }
    }

    fn sleep(&self, driver: &mut Driver, limit: Option<Duration>) {
        if self.kernel.has_edges() {
            driver.polled = self.kernel.poll_events(limit).0;
        } else {
            Parker::current().park(limit);
        }
    }
}

impl Socket {
    /// One turn of reading; whether there may be more.
    fn read(&self) -> bool {
        for _ in 0..TURN {
            if self.core.lock().paused {
                return false;
            }
            let Some(message) = self.kernel.read() else { return false };
            self.deliver(message);
        }
        true
    }

    fn deliver(&self, message: u32) {
        let mut core = self.core.lock();
        if core.closed {
            core.unreceived += usize::from(!self.is(Fault::ReadAndThrownAway));
            return;
        }
        core.inbox.push_back(message);
        core.paused = core.inbox.len() >= RECV_LIMIT;
        if !self.is(Fault::AnnouncedOnLeaving) {
            core.wait_queue.notify_one(Want::Message);
        }
        self.release(core);
        *self.delivered.lock() += 1;
        self.arrived.notify_all();
    }
}
