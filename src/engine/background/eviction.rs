//! Whether a listener has room for one more connection, and which one is evicted where it has none: the one whose peer has been silent
//! for the longest, so that silence keeps nobody out.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_transport::Peer;

use super::control::managed_socket::ManagedSocket;
use super::listening::Listening;
use super::sys::fd_limit::{Evictable, are_short};
use super::worker::Worker;
use crate::monitor::{Failure, Limit};

/// Connections from one address that is not of this machine, at one listener.
const OF_ONE_ADDRESS: usize = 1024;
/// Handshakes under way on one listener; beyond, the oldest is dropped.
const HANDSHAKES: usize = 256;
/// Where the system has no descriptors, this long a silence ends for the sake of another connection. No shorter one: the system
/// refuses though nobody waits, and the last that came would have to go at once.
const LEAST_SILENCE: Duration = Duration::from_secs(1);

/// Where a handshake was that has been evicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evicted {
    /// In this thread: its descriptor is free.
    Here,
    /// In another, which was asked to.
    Elsewhere,
    Nobody,
}

impl Worker {
    /// Makes room for one more connection within all limits, or says which limit it would exceed. Where there are too many, the
    /// oldest whose peer has said nothing is evicted.
    pub(super) fn make_room(&mut self, key: usize, peer: &Peer) -> Result<(), Limit> {
        if let Some(network) = peer.network {
            self.make_room_for_address(key, network.ip())?;
        }
        self.make_room_at_listener(key)?;
        match self.fd_limit.limit_reached() {
            Some(limit) if self.evict_oldest(None, Duration::ZERO) == Evicted::Nobody => Err(limit),
            _ => Ok(()),
        }
    }

    /// The address makes room for itself.
    fn make_room_for_address(&mut self, key: usize, address: IpAddr) -> Result<(), Limit> {
        let Some(listening) = self.listeners.get(&key) else { return Ok(()) };
        let set = listening.options.max_connections_per_address;
        if set.is_none() && address.to_canonical().is_loopback() {
            return Ok(());
        }
        let most = set.unwrap_or(OF_ONE_ADDRESS);
        if listening.connections_from(address) >= most {
            let from_there = |handshake: &&usize| {
                self.still_greets(**handshake) && self.handshakes[**handshake].in_use.address == Some(address)
            };
            let oldest = listening.handshakes.iter().find(from_there).copied();
            self.replace(oldest.ok_or(Limit::OneAddress { address, max: most })?);
        } else if set.is_none()
            && let Some(most) = self.fd_limit.address_limit_reached(address)
            && self.evict_oldest(Some(address), Duration::ZERO) == Evicted::Nobody
        {
            return Err(Limit::OneAddress { address, max: most });
        }
        Ok(())
    }

    fn make_room_at_listener(&mut self, key: usize) -> Result<(), Limit> {
        let Some(listening) = self.listeners.get(&key) else { return Ok(()) };
        let most = listening.options.max_connections;
        let silent = listening.handshakes.iter().find(|handshake| self.still_greets(**handshake)).copied();
        if listening.pipes + listening.handshakes.len() >= most {
            self.replace(silent.ok_or(Limit::Connections { max: most })?);
        } else if listening.handshakes.len() >= HANDSHAKES
            && let Some(oldest) = silent.or(listening.handshakes.front().copied())
        {
            self.replace(oldest);
        }
        Ok(())
    }

    fn replace(&mut self, handshake: usize) {
        self.handshake_failed(handshake, Failure::TooManyHandshakes);
    }

    /// Evicts the handshake whose peer has been silent for the longest, and so long at least, whichever listener of the process it
    /// is at: only from this address, if one is given.
    pub(super) fn evict_oldest(&mut self, address: Option<IpAddr>, least: Duration) -> Evicted {
        let least = u64::try_from(least.as_nanos()).unwrap_or(u64::MAX);
        let since = Time(self.clock.now().0.saturating_sub(least));
        while let Some(oldest) = self.fd_limit.take_oldest_evictable(address, since) {
            let Evictable { owner, handshake, serial } = oldest;
            if !std::ptr::addr_eq(Arc::as_ptr(&owner), Arc::as_ptr(&self.handle)) {
                owner.evict(handshake, serial);
                return Evicted::Elsewhere;
            }
            if self.evict(handshake, serial) {
                return Evicted::Here;
            }
        }
        Evicted::Nobody
    }

    /// Ends this handshake, unless it is over, or its peer has said who it is since it was chosen. Whether it ends.
    pub(super) fn evict(&mut self, key: usize, serial: u64) -> bool {
        let is_there = self.handshakes.get(key).is_some_and(|handshake| handshake.serial == serial);
        let ends = is_there && self.still_greets(key);
        if ends {
            self.replace(key);
        }
        ends
    }

    /// Whether another attempt makes sense at once after the system has refused a descriptor: somebody has given one back.
    pub(super) fn found_descriptor(&mut self, error: &io::Error) -> bool {
        are_short(error) && self.evict_oldest(None, LEAST_SILENCE) == Evicted::Here
    }

    /// Has a socket make its event loop before the first peer greets: it takes more descriptors than one, and without them the pipe
    /// would end at once. Those who are silent make room for it.
    pub(super) fn prepare(&mut self, socket: &dyn ManagedSocket) -> io::Result<()> {
        loop {
            match socket.prepare() {
                Err(error) if self.found_descriptor(&error) => {}
                prepared => return prepared,
            }
        }
    }

    /// Notes that the peer of an accepted connection has yet to say who it is.
    pub(super) fn make_evictable(&mut self, key: usize) {
        let since = self.clock.now();
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        if handshaking.handshake.awaits_the_peer() {
            let owner = Arc::clone(&self.handle) as _;
            let evictable = Evictable { owner, handshake: key, serial: handshaking.serial };
            handshaking.evictable =
                Some(self.fd_limit.add_evictable(evictable, since, handshaking.in_use.address));
        }
    }
}

impl Listening {
    fn connections_from(&self, address: IpAddr) -> usize {
        self.addresses.get(&address).copied().unwrap_or_default()
    }
}
