//! What a socket does for the background thread that has it in its care.

use std::io;
use std::sync::Arc;

use hubless_protocol::patterns::{Refusal, Role};
use hubless_transport::{Connection, RegistrySource};

use super::connect::newcomer::{Newcomer, Unwelcome};
use super::control::close_report::CloseReport;
use super::control::managed_socket::ManagedSocket;
use super::control::tokens;
use super::control::worker_handle::{Command, WorkerHandle};
use super::core::{Core, Phase};
use super::driver::Driver;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::shared::AnySocket;
use super::sys::ids::EndpointId;
use super::sys::ids::SocketId;
use super::sys::logging::{Level, log_line};
use super::sys::slice::Slice;
use super::wait::block_on::Waitable;
use super::wait::wait_queue::Handoff;
use crate::monitor::{EventKind, Removal};
use crate::stats::Refused;
use crate::traffic::Traffic;

/// Pipes that are flushed at an interval before it is looked whether it is others' turn.
const FLUSHES: usize = 16;
/// Slots whose pipes are ended in one turn when an endpoint closes.
const REMOVALS: usize = 32;
/// Slots whose pipes are told in one turn that there is memory again.
const RELIEVED: usize = 256;

impl ManagedSocket for AnySocket {
    fn id(&self) -> SocketId {
        self.id
    }

    fn role(&self) -> Role {
        self.role
    }

    fn worker(&self) -> &Arc<WorkerHandle> {
        &self.worker
    }

    fn prepare(&self) -> io::Result<()> {
        self.registry().map(drop)
    }

    fn refusal(&self) -> Option<Refusal> {
        self.lock().pattern.refusal()
    }

    fn admit(&self, newcomer: Newcomer) -> Result<(), Unwelcome> {
        Self::admit(self, newcomer)
    }

    fn count_refused(&self, count: &dyn Fn(&mut Refused)) {
        count(&mut self.lock().state.counters.stats.refused);
    }

    fn tell(&self, event: &dyn Fn() -> EventKind) {
        Self::tell(self, event);
    }

    fn carried(&self, source: &SourceEndpoint) -> (usize, Traffic) {
        Self::carried(self, source)
    }

    fn remove_pipes_of(&self, endpoint: EndpointId, slot: usize) -> Option<usize> {
        let core = self.lock();
        let (slots, more) = core.state.table.slots_from(slot, REMOVALS);
        let next = more.then_some(slots.end);
        let pipes: Vec<_> = core
            .state
            .table
            .iter_in(slots)
            .map(|entry| &entry.pipe)
            .filter(|pipe| pipe.source.id == endpoint)
            .cloned()
            .collect();
        drop(core);
        for pipe in pipes {
            self.remove(&pipe, &Removal::EndpointClosed);
        }
        next
    }

    fn serve(&self) -> bool {
        let mut core = self.lock();
        core.state.wait_queue.background_came();
        let watched = core.state.wait_queue.is_for_background() || core.state.phase != Phase::Open;
        let driver = if watched { core.state.wait_queue.try_drive_in_background() } else { None };
        drop(core);
        driver.is_some_and(|driver| self.attend(driver, true))
    }

    fn poll_handoff(&self) -> bool {
        let mut core = self.lock();
        let handoff = core.state.wait_queue.poll_handoff();
        let look = handoff == Handoff::TakeOver
            || (handoff == Handoff::Keep && !core.state.pending_readiness.is_empty());
        let driver = if look { core.state.wait_queue.try_drive_in_background() } else { None };
        self.release(core);
        let Some(driver) = driver else { return handoff != Handoff::Forget };
        let more = self.attend(driver, handoff == Handoff::TakeOver);
        if more && handoff == Handoff::TakeOver {
            self.worker.tell(Command::Serve(self.id));
        }
        handoff == Handoff::Keep
    }

    fn flush_interval(&self) -> bool {
        let slice = Slice::begin(self.clock.now());
        loop {
            let mut core = self.lock();
            let more = core.state.plan_some_flushes(FLUSHES);
            // A stream ends only when all flushes are planned.
            let goes_on = more || core.state.streaming.end_interval();
            self.release(core);
            if !more || slice.is_over(self.clock.now()) {
                return goes_on;
            }
        }
    }

    fn timer(&self) {
        let mut core = self.lock();
        if core.state.timer_is_due() && core.state.phase == Phase::Open {
            let Core { state, pattern } = &mut *core;
            pattern.timer(state);
        }
        core.state.tell_drops_in_time();
        self.release(core);
    }

    fn check_pipes(&self) -> bool {
        let (slots, more) = self.lock().state.table.next_to_check();
        self.check_stalled(slots.clone());
        self.check_liveness(slots);
        more
    }

    fn relieve(&self, slot: usize) -> Option<usize> {
        let mut core = self.lock();
        let (slots, more) = core.state.table.slots_from(slot, RELIEVED);
        let next = more.then_some(slots.end);
        let Core { state, pattern } = &mut *core;
        for pipe in state.relieve(slots) {
            pattern.pipe_writable(state, pipe);
        }
        self.release(core);
        next
    }

    fn give_up(&self) {
        let mut core = self.lock();
        core.state.phase = Phase::Closing;
        core.state.wait_queue.wake_all();
        core.state.end_monitors();
        self.release(core);
        self.close_hooks.run();
    }

    fn begin_close(&self) {
        Self::begin_close(self);
    }

    fn go_on_closing(&self) -> bool {
        Self::go_on_closing(self)
    }

    fn end_close(&self) -> CloseReport {
        Self::end_close(self)
    }

    fn bury(&self) {
        Self::bury(self);
    }

    fn count_unread(&self, connection: &Connection) {
        Self::count_unread(self, connection);
    }
}

impl AnySocket {
    /// Drives the socket from the background thread until nothing is left, or for a slice of time; whether something is left.
    /// With `watch` the thread's event loop reports the socket's from now on. Leftovers are never left to that: an edge
    /// that was taken does not fire again.
    fn attend(&self, mut driver: Box<Driver>, watch: bool) -> bool {
        if watch {
            self.watch(&mut driver);
        }
        let slice = Slice::begin(self.clock.now());
        let quiet = loop {
            if !self.round(&mut driver) {
                break true;
            }
            if slice.is_over(self.clock.now()) {
                break false;
            }
        };
        if watch {
            // The first round may have brought the event loop.
            self.watch(&mut driver);
        }
        if quiet {
            self.body_pool.clear();
            driver.rest();
        }
        let mut core = self.lock();
        let more = !quiet || !core.state.pending_readiness.is_empty();
        core.state.empty(&mut driver);
        if watch {
            core.state.wait_queue.release_driver_to_background(driver);
        } else {
            core.state.wait_queue.release_driver(driver);
        }
        self.release(core);
        more
    }

    fn watch(&self, driver: &mut Driver) {
        let Some(system) = driver.system.as_mut().filter(|system| !system.registered) else { return };
        match self.worker.watch(&system.poll, tokens::socket(self.id)) {
            Ok(()) => {
                system.registered = true;
                system.unwatched.end();
            }
            Err(error) => {
                system.unwatched.add(self.clock.now());
                if system.unwatched.are_new() {
                    log_line!(
                        Level::Error,
                        "the background thread cannot watch a socket, and looks at it now and then: {error}"
                    );
                }
                self.worker.tell(Command::Unwatched(self.id));
            }
        }
    }
}
