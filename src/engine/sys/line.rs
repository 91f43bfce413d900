//! Those who have connected and not said who they are, in the order in which they came: over all background threads, because what they
//! use is one for all. Who is taken out, to make room for a newcomer, is found by no other newcomer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hubless_protocol::patterns::Time;

use super::sync::Mutex;

/// The line; `T` says where somebody is.
#[derive(Debug)]
pub(crate) struct Line<T>(Mutex<Standing<T>>);

#[derive(Debug)]
struct Standing<T> {
    next: u64,
    oldest_first: BTreeMap<u64, One<T>>,
}

#[derive(Debug)]
struct One<T> {
    place: T,
    since: Time,
    address: Option<IpAddr>,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self(Mutex::new(Standing { next: 0, oldest_first: BTreeMap::new() }))
    }
}

impl<T> Line<T> {
    /// Somebody comes, from this address if it is known; the number to leave with.
    pub(crate) fn enter(&self, place: T, since: Time, address: Option<IpAddr>) -> u64 {
        let mut standing = self.0.lock();
        let number = standing.next;
        standing.next += 1;
        standing.oldest_first.insert(number, One { place, since, address });
        number
    }

    /// Somebody leaves, who may have been taken out.
    pub(crate) fn leave(&self, number: u64) {
        self.0.lock().oldest_first.remove(&number);
    }

    /// Takes the oldest out who has been there since that time at least: only from this address, if one is given.
    pub(crate) fn take_oldest(&self, address: Option<IpAddr>, since: Time) -> Option<T> {
        let mut standing = self.0.lock();
        let from_there = |one: &One<T>| address.is_none() || one.address == address;
        let (number, one) = standing.oldest_first.iter().find(|(_, one)| from_there(one))?;
        let number = if one.since > since { return None } else { *number };
        standing.oldest_first.remove(&number).map(|one| one.place)
    }
}
