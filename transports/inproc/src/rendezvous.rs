//! Where dialers and listeners of one namespace meet, whoever comes first.
//!
//! A listener takes a name; dialers wait at a name, whether it is taken or not, until a listener accepts them or they
//! hang up. No lock is held while a notifier is called.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::mem;

use hubless_transport::{Notifier, Readiness};

use super::queue::{Lane, notify};
use super::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most dialers that wait at one name.
pub(crate) const MOST_CALLERS: usize = 4096;

/// The names of one namespace.
#[derive(Default)]
pub(crate) struct Namespace {
    directory: Mutex<Directory>,
}

#[derive(Default)]
struct Directory {
    names: BTreeMap<String, Place>,
    /// Numbers the callers of all names, so that no number ever stands for two of them.
    next: u64,
}

/// What happens at one name; forgotten when it is neither taken nor waited at.
#[derive(Default)]
struct Place {
    taken: bool,
    listener: Option<Notifier>,
    callers: BTreeMap<u64, Lanes>,
}

/// The two directions of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    pub(crate) to_listener: Arc<Lane>,
    pub(crate) to_dialer: Arc<Lane>,
}

impl Namespace {
    /// Takes `name` for a listener.
    pub(crate) fn bind(&self, name: &str) -> io::Result<()> {
        let mut directory = self.lock();
        let place = directory.names.entry(name.to_owned()).or_default();
        if mem::replace(&mut place.taken, true) {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, format!("`{name}` has a listener already")));
        }
        Ok(())
    }

    /// Gives `name` back. Whoever waits there waits on, for the next listener.
    pub(crate) fn unbind(&self, name: &str) {
        let mut directory = self.lock();
        let Some(place) = directory.names.get_mut(name) else { return };
        place.taken = false;
        let listener = place.listener.take();
        directory.forget_unused(name);
        drop(directory);
        drop(listener);
    }

    /// Reports callers at `name` to `listener` from now on, and at once if some are waiting.
    pub(crate) fn watch(&self, name: &str, listener: Option<Notifier>) {
        let mut directory = self.lock();
        let Some(place) = directory.names.get_mut(name) else { return };
        let replaced = mem::replace(&mut place.listener, listener.clone());
        let pending = !place.callers.is_empty();
        drop(directory);
        drop(replaced);
        notify(listener.filter(|_| pending), Readiness::Readable);
    }

    /// Begins to wait at `name` for a listener, in the name of a dialer that offers this. The number returned is the one
    /// to hang up with.
    pub(crate) fn call(&self, name: &str, offered: &str) -> io::Result<(u64, Lanes)> {
        let lanes = Lanes {
            to_listener: Arc::new(Lane::to_nobody_yet()),
            to_dialer: Arc::new(Lane::to(Arc::from(offered))),
        };
        let mut directory = self.lock();
        let number = directory.next;
        directory.next += 1;
        let place = directory.names.entry(name.to_owned()).or_default();
        if place.callers.len() >= MOST_CALLERS {
            let why = format!("{MOST_CALLERS} dialers wait at `{name}` already");
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, why));
        }
        let listener = if place.callers.is_empty() { place.listener.clone() } else { None };
        place.callers.insert(number, lanes.clone());
        drop(directory);
        notify(listener, Readiness::Readable);
        Ok((number, lanes))
    }

    /// Waits no more. Whoever was accepted meanwhile is not there any more, which is fine.
    pub(crate) fn hang_up(&self, name: &str, number: u64) {
        let mut directory = self.lock();
        let Some(place) = directory.names.get_mut(name) else { return };
        let lanes = place.callers.remove(&number);
        directory.forget_unused(name);
        drop(directory);
        drop(lanes);
    }

    /// Takes the caller that has waited longest at `name`. It waits on until the lane to the listener is opened.
    pub(crate) fn accept(&self, name: &str) -> io::Result<Lanes> {
        loop {
            let caller = self.lock().names.get_mut(name).and_then(|place| place.callers.pop_first());
            let Some((_, lanes)) = caller else { return Err(io::ErrorKind::WouldBlock.into()) };
            // One that is just hanging up is passed over.
            if !lanes.to_dialer.is_abandoned() {
                return Ok(lanes);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    fn forget_unused(&mut self, name: &str) {
        if self.names.get(name).is_some_and(|place| !place.taken && place.callers.is_empty()) {
            self.names.remove(name);
        }
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directory = self.lock();
        f.debug_set().entries(directory.names.keys()).finish()
    }
}
