//! One round of driving a socket: events, notes, writing on, reading; and the sleep between two rounds.

use std::sync::Arc;
use std::time::Duration;

use super::blocking::Host;
use super::core::{Core, Todo, Want};
use super::driver::{Driver, System, WAKER};
use super::pipe::Pipe;
use super::reading::Turn;
use super::socket::Socket;
use super::sync::{Alarm, Flag, MutexGuard, Parker};
use super::turns::Turns;
use crate::patterns::Pattern;

/// How long to look again before sleeping: less than half of what a wake from another processor costs.
const SPIN: Duration = Duration::from_micros(20);
/// Pauses between two looks.
const PAUSES: u32 = 16;

impl<P: Pattern> Socket<P> {
    /// Takes over the event loop if it has just been made, and lists what the last round's events and notes name.
    fn collect(&self, driver: &mut Driver, writable: &mut Vec<Arc<Pipe>>) -> bool {
        let mut readable = std::mem::take(&mut driver.named);
        let mut core = self.lock();
        core.state.turns.awake();
        if let Some(poll) = core.state.notes.poll.take() {
            driver.system = Some(System::new(poll));
        }
        let had_notes = !core.state.notes.is_empty();
        core.state.take_notes(&mut readable, writable);
        let harvested = match &mut driver.system {
            Some(system) if system.harvested => {
                system.harvested = false;
                Some(&system.events)
            }
            _ => None,
        };
        let mut found = had_notes;
        for event in harvested.into_iter().flatten().filter(|event| event.token() != WAKER) {
            let Some(entry) = core.state.table.at(event.token().0) else { continue };
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
        drop(core);
        for pipe in readable.drain(..) {
            if !driver.readable.iter().any(|listed| Arc::ptr_eq(listed, &pipe)) {
                driver.readable.push_back(pipe);
            }
        }
        driver.named = readable;
        found
    }

    /// Goes on writing where there is room again; where nobody waited for it, asks for no more such edges.
    fn write_on(&self, pipe: &Arc<Pipe>, todo: &mut Todo) {
        let blocked = self.lock().state.table.get_mut(pipe.id).is_some_and(|entry| entry.flow.is_blocked());
        if blocked {
            return self.flush(pipe, todo);
        }
        let Some(mut side) = pipe.write.try_lock() else { return };
        let still_free =
            self.lock().state.table.get_mut(pipe.id).is_some_and(|entry| !entry.flow.is_blocked());
        if still_free && side.watching {
            self.watch_writable(pipe, &mut side, false, todo);
        }
    }
}

impl<P: Pattern> Host for Socket<P> {
    type Core = Core<P>;
    type Driver = Box<Driver>;
    type Want = Want;

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Core<P>> {
        self.core.lock()
    }

    fn turns(core: &mut Core<P>) -> &mut Turns<Box<Driver>, Want> {
        &mut core.state.turns
    }

    #[inline]
    fn release(&self, mut core: MutexGuard<'_, Core<P>>) {
        let todo = core.state.take_todo();
        drop(core);
        if let Some(todo) = todo {
            self.act(todo);
        }
    }

    fn seated(&self, driver: &mut Box<Driver>) {
        if let Some(system) = &mut driver.system
            && std::mem::take(&mut system.registered)
        {
            self.mailbox.unwatch(&system.poll);
        }
    }

    fn round(&self, driver: &mut Box<Driver>) -> bool {
        if let Some(system) = &mut driver.system
            && !system.harvested
        {
            system.harvest(Some(Duration::ZERO));
        }
        let mut writable = Vec::new();
        let mut progress = self.collect(driver, &mut writable);
        if !writable.is_empty() {
            let mut todo = Todo::default();
            for pipe in writable {
                self.write_on(&pipe, &mut todo);
            }
            self.act(todo);
        }
        for _ in 0..driver.readable.len() {
            let Some(pipe) = driver.readable.pop_front() else { break };
            progress = true;
            if self.read_guarded(&pipe, &mut driver.tasks) == Turn::More {
                driver.readable.push_back(pipe);
            }
        }
        progress
    }

    fn has_work(core: &Core<P>, driver: &Box<Driver>) -> bool {
        let harvested = driver.system.as_ref().is_some_and(|system| system.harvested);
        harvested || !driver.readable.is_empty() || Self::is_noted(core)
    }

    fn is_noted(core: &Core<P>) -> bool {
        !core.state.notes.is_empty()
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
            (Some(_), Some(system)) => Alarm::Poll(Arc::clone(&system.waker)),
            _ => Alarm::Parked(Parker::current()),
        }
    }

    fn sleep(&self, driver: &mut Box<Driver>, limit: Option<Duration>) {
        match &mut driver.system {
            Some(system) => {
                system.harvest(limit);
            }
            None => Parker::current().park(limit),
        }
    }
}
