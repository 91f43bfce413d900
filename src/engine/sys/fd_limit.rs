//! What the connections of the process use of the descriptors it may have: those of all background threads of all contexts,
//! because the system's limit is one for all of them.
//!
//! A connection counts from its first attempt to the close of its descriptor ([`InUse`]), however long its dialer waits before
//! and after. At the limit a new connection evicts the oldest one, at whichever listener, that has not said who it
//! is ([`Evictable`]); so silence at one listener keeps nobody out at another.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Weak};

use hubless_protocol::patterns::Time;

use super::eviction_queue::EvictionQueue;
use super::fork;
use super::limits;
use super::logging::{Level, log_line};
use super::sync::{AtomicBool, AtomicUsize, Mutex, Ordering};
use crate::monitor::Limit;

/// The part of the process's descriptors that connections may use, in percent: the rest is the program's.
const SHARE: u64 = 80;

/// One network address has at most the limit divided by this, whatever listeners its connections are at.
const ADDRESSES: usize = 2;

/// What is counted for the whole process.
#[derive(Debug)]
pub(crate) struct FdLimit {
    open: AtomicUsize,
    /// Accepted connections by network address.
    addresses: Mutex<HashMap<IpAddr, usize>>,
    evictable: EvictionQueue<Evictable>,
    generation: u32,
}

/// A background thread, which can be asked to end a handshake of its own so that there is a descriptor for another.
pub(crate) trait Evict: Send + Sync + fmt::Debug {
    fn evict(&self, handshake: usize, serial: u64);
}

/// A handshake that waits for the peer's greeting, and the background thread that has it.
#[derive(Debug)]
pub(crate) struct Evictable {
    pub(crate) owner: Arc<dyn Evict>,
    pub(crate) handshake: usize,
    pub(crate) serial: u64,
}

impl FdLimit {
    fn new() -> Self {
        Self {
            open: AtomicUsize::new(0),
            addresses: Mutex::default(),
            evictable: EvictionQueue::default(),
            generation: fork::generation(),
        }
    }

    /// Those of this process: what `known` has, or new ones where it has none, or those of a parent.
    pub(crate) fn of_process(known: &mut Weak<Self>) -> Arc<Self> {
        let generation = fork::generation();
        known.upgrade().filter(|known| known.generation == generation).unwrap_or_else(|| {
            let new = Arc::new(Self::new());
            *known = Arc::downgrade(&new);
            new
        })
    }

    /// Counts a connection that uses this many, from this address if it was accepted.
    pub(crate) fn take(self: &Arc<Self>, descriptors: usize, address: Option<IpAddr>) -> InUse {
        self.open.fetch_add(descriptors, Ordering::Relaxed);
        if let Some(address) = address {
            *self.addresses.lock().entry(address).or_default() += 1;
        }
        InUse { of: Arc::clone(self), descriptors, address }
    }

    /// Why there can be no further connection beside those there are.
    pub(crate) fn limit_reached(&self) -> Option<Limit> {
        let connections = self.open.load(Ordering::Relaxed);
        let limit = limit()?;
        (connections >= limit).then_some(Limit::Descriptors { connections, percent: SHARE })
    }

    /// How many connections one address may have, if it has them.
    pub(crate) fn address_limit_reached(&self, address: IpAddr) -> Option<usize> {
        let most = (limit()? / ADDRESSES).max(1);
        (self.addresses.lock().get(&address).is_some_and(|count| *count >= most)).then_some(most)
    }

    /// Adds a handshake whose peer has connected and not said who it is.
    pub(crate) fn add_evictable(
        self: &Arc<Self>,
        evictable: Evictable,
        since: Time,
        address: Option<IpAddr>,
    ) -> EvictionEntry {
        EvictionEntry { of: Arc::clone(self), number: self.evictable.push(evictable, since, address) }
    }

    /// Takes out the one whose peer has been silent for the longest, since that time at least: only from this address, if one is
    /// given. Nobody else finds it any more.
    pub(crate) fn take_oldest_evictable(&self, address: Option<IpAddr>, since: Time) -> Option<Evictable> {
        self.evictable.take_oldest(address, since)
    }
}

/// What one connection uses, as long as this lives.
#[derive(Debug)]
pub(crate) struct InUse {
    of: Arc<FdLimit>,
    descriptors: usize,
    pub(crate) address: Option<IpAddr>,
}

impl Drop for InUse {
    fn drop(&mut self) {
        // In the child of a fork a thread that is not there may have the lock, and nobody asks for the numbers.
        if self.of.generation != fork::generation() {
            return;
        }
        self.of.open.fetch_sub(self.descriptors, Ordering::Relaxed);
        if let Some(address) = self.address {
            let mut addresses = self.of.addresses.lock();
            if let Some(count) = addresses.get_mut(&address) {
                *count -= 1;
                if *count == 0 {
                    addresses.remove(&address);
                }
            }
        }
    }
}

/// The handshake may be evicted as long as this lives.
#[derive(Debug)]
pub(crate) struct EvictionEntry {
    of: Arc<FdLimit>,
    number: u64,
}

impl Drop for EvictionEntry {
    fn drop(&mut self) {
        if self.of.generation == fork::generation() {
            self.of.evictable.remove(self.number);
        }
    }
}

/// How many connections the process may have. `None` where the system has no limit, or does not tell.
fn limit() -> Option<usize> {
    static SAID: AtomicBool = AtomicBool::new(false);
    share(limits::descriptors(), &SAID)
}

fn share(limit: io::Result<Option<u64>>, said: &AtomicBool) -> Option<usize> {
    match limit {
        Ok(limit) => {
            let limit = limit?;
            usize::try_from(limit / 100 * SHARE + limit % 100 * SHARE / 100).ok()
        }
        Err(error) => {
            if !said.swap(true, Ordering::Relaxed) {
                log_line!(
                    Level::Warn,
                    "the system does not tell how many descriptors this process may have ({error}), so connections are \
                     accepted until it refuses them"
                );
            }
            None
        }
    }
}

/// Whether the system refused for want of descriptors, the process's or its own.
pub(crate) fn are_short(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3));

    #[test]
    fn where_the_limit_cannot_be_read_it_is_said_once_and_there_is_none() {
        let said = AtomicBool::new(false);
        assert_eq!(share(Ok(Some(1024)), &said), Some(819));
        assert_eq!(share(Ok(None), &said), None);
        assert!(!said.load(Ordering::Relaxed));
        for _ in 0..2 {
            assert_eq!(share(Err(io::ErrorKind::PermissionDenied.into()), &said), None);
            assert!(said.load(Ordering::Relaxed));
        }
        assert_eq!(share(Ok(Some(u64::MAX)), &said), usize::try_from(u64::MAX / 5 * 4).ok());
    }

    #[test]
    fn what_is_in_use_counts_as_long_as_it_lives() {
        let all = Arc::new(FdLimit::new());
        let (here, nowhere) = (all.take(1, Some(HERE)), all.take(0, None));
        assert_eq!((all.open.load(Ordering::Relaxed), all.addresses.lock().len()), (1, 1));
        drop((here, nowhere));
        assert_eq!((all.open.load(Ordering::Relaxed), all.addresses.lock().len()), (0, 0));
    }

    #[test]
    fn all_contexts_of_a_process_count_together() {
        let mut known = Weak::new();
        let (one, other) = (FdLimit::of_process(&mut known), FdLimit::of_process(&mut known));
        assert!(Arc::ptr_eq(&one, &other));
    }

    #[test]
    fn one_address_has_half_of_what_connections_may_have() {
        let all = Arc::new(FdLimit::new());
        let most = limit().expect("the system tells") / 2;
        all.addresses.lock().insert(HERE, most - 1);
        assert_eq!(all.address_limit_reached(HERE), None);
        let _one = all.take(1, Some(HERE));
        assert_eq!(all.address_limit_reached(HERE), Some(most));
    }
}
