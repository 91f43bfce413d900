//! Connections whose peer has not said who it is, in the order in which they came: over all background threads, because the limit
//! on descriptors is one for all. One that is taken out, to make room for a new connection, is found by no other.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hubless_protocol::patterns::Time;

use super::sync::Mutex;

/// The queue; `T` says where a connection is.
#[derive(Debug)]
pub(crate) struct EvictionQueue<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    next: u64,
    oldest_first: BTreeMap<u64, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    connection: T,
    since: Time,
    address: Option<IpAddr>,
}

impl<T> Default for EvictionQueue<T> {
    fn default() -> Self {
        Self(Mutex::new(State { next: 0, oldest_first: BTreeMap::new() }))
    }
}

impl<T> EvictionQueue<T> {
    /// Adds a connection, from this address if it is known. The number to remove it by.
    pub(crate) fn push(&self, connection: T, since: Time, address: Option<IpAddr>) -> u64 {
        let mut state = self.0.lock();
        let number = state.next;
        state.next += 1;
        state.oldest_first.insert(number, Entry { connection, since, address });
        number
    }

    /// Removes a connection, which may have been taken out.
    pub(crate) fn remove(&self, number: u64) {
        self.0.lock().oldest_first.remove(&number);
    }

    /// Takes out the oldest that has been there since that time at least: only from this address, if one is given.
    pub(crate) fn take_oldest(&self, address: Option<IpAddr>, since: Time) -> Option<T> {
        let mut state = self.0.lock();
        let from_there = |entry: &Entry<T>| address.is_none() || entry.address == address;
        let (number, entry) = state.oldest_first.iter().find(|(_, entry)| from_there(entry))?;
        let number = if entry.since > since { return None } else { *number };
        state.oldest_first.remove(&number).map(|entry| entry.connection)
    }
}
