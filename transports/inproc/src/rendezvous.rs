//! Where dialers and listeners of one namespace meet, whichever comes first.
//!
//! A listener takes a name; dialers wait at a name, whether it is taken or not, until a listener accepts them or they
//! hang up. No lock is held while a notifier is called.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::mem;

use hubless_transport::{Notifier, Readiness};

use super::queue::{Channel, notify};
use super::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most dialers that wait at one name.
pub(crate) const MAX_WAITING: usize = 4096;

/// The names of one namespace.
#[derive(Default)]
pub(crate) struct Namespace {
    directory: Mutex<Directory>,
}

#[derive(Default)]
struct Directory {
    names: BTreeMap<String, Place>,
    /// Numbers the dialers of all names, so that no number ever stands for two of them.
    next: u64,
}

/// What happens at one name; forgotten when it is neither taken nor waited at.
#[derive(Default)]
struct Place {
    taken: bool,
    listener: Option<Notifier>,
    waiting: BTreeMap<u64, Channels>,
}

/// The two directions of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    pub(crate) to_listener: Arc<Channel>,
    pub(crate) to_dialer: Arc<Channel>,
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

    /// Gives `name` back. Those that wait there wait on, for the next listener.
    pub(crate) fn unbind(&self, name: &str) {
        let mut directory = self.lock();
        let Some(place) = directory.names.get_mut(name) else { return };
        place.taken = false;
        let listener = place.listener.take();
        directory.forget_unused(name);
        drop(directory);
        drop(listener);
    }

    /// Reports dialers that wait at `name` to `listener` from now on, and at once if some are waiting.
    pub(crate) fn watch(&self, name: &str, listener: Option<Notifier>) {
        let mut directory = self.lock();
        let Some(place) = directory.names.get_mut(name) else { return };
        let replaced = mem::replace(&mut place.listener, listener.clone());
        let pending = !place.waiting.is_empty();
        drop(directory);
        drop(replaced);
        notify(listener.filter(|_| pending), Readiness::Readable);
    }

    /// Begins to wait at `name` for a listener, in the name of a dialer that offers this. The number returned is the one
    /// to cancel it with.
    pub(crate) fn connect(&self, name: &str, offered: &str) -> io::Result<(u64, Channels)> {
        let channels = Channels {
            to_listener: Arc::new(Channel::to_nobody_yet()),
            to_dialer: Arc::new(Channel::to(Arc::from(offered))),
        };
        let mut directory = self.lock();
        let number = directory.next;
        directory.next += 1;
        let place = directory.names.entry(name.to_owned()).or_default();
        if place.waiting.len() >= MAX_WAITING {
            let why = format!("{MAX_WAITING} dialers wait at `{name}` already");
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, why));
        }
        let listener = if place.waiting.is_empty() { place.listener.clone() } else { None };
        place.waiting.insert(number, channels.clone());
        drop(directory);
        notify(listener, Readiness::Readable);
        Ok((number, channels))
    }

    /// Waits no more. One that was accepted meanwhile is gone, which is fine.
    pub(crate) fn cancel(&self, name: &str, number: u64) {
        let mut directory = self.lock();
        let Some(place) = directory.names.get_mut(name) else { return };
        let channels = place.waiting.remove(&number);
        directory.forget_unused(name);
        drop(directory);
        drop(channels);
    }

    /// Takes the dialer that has waited longest at `name`. It waits on until the channel to the listener is opened.
    pub(crate) fn accept(&self, name: &str) -> io::Result<Channels> {
        loop {
            let oldest = self.lock().names.get_mut(name).and_then(|place| place.waiting.pop_first());
            let Some((_, channels)) = oldest else { return Err(io::ErrorKind::WouldBlock.into()) };
            // One that is just being cancelled is passed over.
            if !channels.to_dialer.is_abandoned() {
                return Ok(channels);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    fn forget_unused(&mut self, name: &str) {
        if self.names.get(name).is_some_and(|place| !place.taken && place.waiting.is_empty()) {
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
