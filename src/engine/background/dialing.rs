//! The background thread's part in dialing: attempts, back-off, and names.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_transport::{Dialer, Peer};

use super::connect::addresses::Addresses;
use super::connect::admission::AdmissionState;
use super::connect::handshake::offer_of;
use super::connect::options::DialerOptions;
use super::control::endpoint::{DialerState, DialerStatus};
use super::control::managed_socket::ManagedSocket;
use super::control::new_endpoints::NewDialer;
use super::handshake::Terms;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::catch_panic::catch_panic;
use super::sys::contained::Contained;
use super::sys::ids::EndpointId;
use super::sys::random;
use super::sys::sync::Mutex;
use super::timers::Due;
use super::worker::Worker;
use crate::monitor::{EventKind, Failure};

/// A link that stood this long was a good one: the back-off begins anew.
const STABLE: Duration = Duration::from_secs(5);

/// A dialer in the care of the background thread.
#[derive(Debug)]
pub(super) struct Dialing {
    dialer: Contained<Box<dyn Dialer>>,
    options: DialerOptions,
    source: Arc<SourceEndpoint>,
    pub(super) socket: Arc<dyn ManagedSocket>,
    status: Arc<Mutex<DialerStatus>>,
    addresses: Addresses,
    /// Rounds that failed since a link was stable.
    failures: u32,
    /// When the connection came to stand, while it does.
    since: Option<Time>,
    pub(super) handshake: Option<usize>,
    /// When the next round begins, while it waits for that.
    next: Option<Time>,
}

impl Worker {
    pub(super) fn dial(&mut self, new: NewDialer) {
        let NewDialer { key, dialer, options, source, socket, status } = new;
        let dialing = Dialing {
            dialer,
            options,
            source,
            socket,
            status,
            addresses: Addresses::default(),
            failures: 0,
            since: None,
            handshake: None,
            next: None,
        };
        self.endpoints.insert((dialing.socket.id(), EndpointId::Dialer(key)));
        self.dialers.insert(key, dialing);
        self.begin_round(key);
    }

    /// Begins the next round of a dialer that waits for it, whenever it was to come.
    pub(super) fn dial_now(&mut self, key: usize) {
        if let Some(dialing) = self.dialers.get_mut(&key)
            && let Some(at) = dialing.next.take()
        {
            self.timers.cancel(at, Due::Dial(key));
            self.begin_round(key);
        }
    }

    /// The time of the next round has come.
    pub(super) fn round_is_due(&mut self, key: usize) {
        if let Some(dialing) = self.dialers.get_mut(&key) {
            dialing.next = None;
        }
        self.begin_round(key);
    }

    /// Begins a round: one attempt at each address of the name, or at the one address there is.
    fn begin_round(&mut self, key: usize) {
        if self.defer_dialer(key) {
            return;
        }
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        self.places.forget_dialer(dialing.socket.id(), key);
        dialing.status.lock().state = DialerState::Connecting;
        let looked_up = catch_panic(|| {
            let (host, port) = dialing.dialer.host()?;
            self.resolver.look_up(host, port, EndpointId::Dialer(key), &self.handle);
            Some(())
        });
        match looked_up {
            Ok(Some(())) => {}
            Ok(None) => self.attempt(key, None),
            Err(panicked) => self.no_connection(key, &panicked.into()),
        }
    }

    /// The name of a dialer was looked up. The answer is void if the dialer is gone.
    pub(super) fn resolved(&mut self, key: usize, result: io::Result<Vec<SocketAddr>>) {
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        match result {
            Ok(addresses) => {
                dialing.addresses.begin(addresses);
                match dialing.addresses.next() {
                    Some(first) => self.attempt(key, Some(first)),
                    None => self.no_connection(key, &Failure::NoAddress),
                }
            }
            Err(error) => self.no_connection(key, &Failure::Unresolved(error.into())),
        }
    }

    fn attempt(&mut self, key: usize, address: Option<SocketAddr>) {
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        let role = dialing.socket.role();
        let offer = offer_of(role, dialing.options.max_message);
        let (socket, source) = (Arc::clone(&dialing.socket), Arc::clone(&dialing.source));
        socket.tell(&|| EventKind::Connecting { via: source.via.clone(), address });
        match catch_panic(|| dialing.dialer.dial(address, &offer)) {
            Ok(Ok(connection)) => {
                let peer = Peer::new(source.via.address());
                let time = dialing.addresses.time(dialing.options.handshake);
                let wire = dialing.options.wire;
                let terms = Terms { wire, time, admission: AdmissionState::Open };
                let handshake = self.begin_handshake(connection.into(), peer, socket, source, terms);
                if let Some(dialing) = self.dialers.get_mut(&key)
                    && handshake.is_some()
                {
                    dialing.handshake = handshake;
                }
            }
            Ok(Err(error)) => {
                // There is a descriptor for the next attempt, if anybody's silence was long enough.
                self.found_descriptor(&error);
                self.no_connection(key, &Failure::Broken(error.into()));
            }
            Err(panicked) => self.no_connection(key, &panicked.into()),
        }
    }

    /// An attempt came to nothing before there was a connection.
    pub(super) fn no_connection(&mut self, key: usize, failure: &Failure) {
        if *failure == Failure::Panicked && self.is_news(key, &failure.to_string()) {
            self.log.say(self.clock.now(), || format!("a dialer will try again: {failure}"));
        }
        if let Some(dialing) = self.dialers.get(&key) {
            dialing.socket.tell(&|| EventKind::ConnectionFailed {
                via: dialing.source.via.clone(),
                peer: None,
                failure: failure.clone(),
            });
        }
        self.is_deferred(EndpointId::Dialer(key), failure);
        self.dialed(key, Err(failure.to_string()), false);
    }

    /// An attempt is over: the connection became a pipe, or did not, because of that; because the other end was silent?
    pub(super) fn dialed(&mut self, key: usize, result: Result<(), String>, silent: bool) {
        let now = self.clock.now();
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        dialing.handshake = None;
        match result {
            Ok(()) => {
                dialing.addresses.works();
                dialing.since = Some(now);
                let mut status = dialing.status.lock();
                status.state = DialerState::Connected;
                status.connected += 1;
            }
            Err(reason) => {
                dialing.addresses.fails(silent);
                match dialing.addresses.next() {
                    Some(next) => {
                        dialing.status.lock().last_error = Some(reason);
                        self.attempt(key, Some(next));
                    }
                    None => self.round_failed(key, reason),
                }
            }
        }
    }

    /// Whether a dialer failed for another reason the last time.
    pub(super) fn is_news(&self, key: usize, reason: &str) -> bool {
        self.dialers
            .get(&key)
            .is_some_and(|dialing| dialing.status.lock().last_error.as_deref() != Some(reason))
    }

    fn round_failed(&mut self, key: usize, reason: String) {
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        dialing.status.lock().failed += 1;
        self.redial(key, reason);
    }

    /// A pipe that came from this endpoint has ended; it is grave if the peer did what it must not.
    pub(super) fn endpoint_lost_pipe(
        &mut self,
        endpoint: EndpointId,
        (peer, address): (&str, Option<IpAddr>),
        reason: String,
        grave: bool,
    ) {
        if grave {
            self.log.say(self.clock.now(), || format!("{peer} was disconnected: {reason}"));
        }
        match endpoint {
            EndpointId::Dialer(key) => self.dialer_lost_pipe(key, reason),
            EndpointId::Listener(key) => self.listener_lost_pipe(key, address, grave.then_some(reason)),
        }
    }

    /// The pipe of this dialer has ended.
    fn dialer_lost_pipe(&mut self, key: usize, reason: String) {
        let now = self.clock.now();
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        if dialing.since.take().is_some_and(|since| now.since(since) >= STABLE) {
            dialing.failures = 0;
        }
        self.redial(key, reason);
    }

    /// The next round comes after a pause: random, so that the peers of a restarted server do not come back all at once,
    /// under a bound that doubles.
    fn redial(&mut self, key: usize, reason: String) {
        let now = self.clock.now();
        let Some(dialing) = self.dialers.get_mut(&key) else { return };
        let options = dialing.options;
        let pause =
            pause(options.reconnect_first, options.reconnect_most, dialing.failures, random::random());
        dialing.failures = dialing.failures.saturating_add(1);
        let at = now.after(pause);
        dialing.next = Some(at);
        {
            let mut status = dialing.status.lock();
            status.state = DialerState::Waiting(pause);
            status.last_error = Some(reason);
        }
        dialing.socket.tell(&|| EventKind::Retrying {
            via: dialing.source.via.clone(),
            after: pause,
            at: self.clock.instant_of(at),
        });
        self.timers.set(at, Due::Dial(key));
    }

    pub(super) fn close_dialer(&mut self, key: usize) {
        let Some(dialing) = self.dialers.remove(&key) else { return };
        self.endpoints.remove(&(dialing.socket.id(), EndpointId::Dialer(key)));
        if let Some(handshake) = dialing.handshake {
            self.leave_handshake(handshake);
        }
        if let Some(at) = dialing.next {
            self.timers.cancel(at, Due::Dial(key));
        }
        self.places.forget_dialer(dialing.socket.id(), key);
        dialing.status.lock().state = DialerState::Closed;
        dialing.socket.tell(&|| EventKind::EndpointClosed { via: dialing.source.via.clone() });
    }
}

impl Dialing {
    /// The other addresses of the name are not tried in this round.
    pub(super) fn give_up_round(&mut self) {
        self.addresses.give_up();
    }
}

/// A pause before the next round: anything up to the first bound, doubled for every failure up to the last.
fn pause(first: Duration, most: Duration, failures: u32, random: u64) -> Duration {
    let bound = first.saturating_mul(2_u32.saturating_pow(failures)).min(most);
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(random % nanos.saturating_add(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_the_pause_doubles_up_to_the_most() {
        let (first, most) = (Duration::from_millis(100), Duration::from_secs(10));
        let longest = |failures| pause(first, most, failures, u64::from(u32::MAX) * 1_000_000);
        for failures in 0..200 {
            assert!(longest(failures) <= most);
        }
        for random in 0..1000 {
            assert!(pause(first, most, 0, random * 7_654_321) <= first);
            assert!(pause(first, most, 1, random * 7_654_321) <= 2 * first);
        }
        assert!((0..1000).any(|random| pause(first, most, 3, random * 7_654_321) > first));
    }

    #[test]
    fn peers_that_lost_a_server_together_come_back_spread_over_the_whole_pause() {
        let (first, most) = (Duration::from_millis(100), Duration::from_secs(10));
        let mut tenths = [0; 10];
        for _ in 0..5000 {
            let pause = pause(first, most, 20, random::random());
            let tenth = pause.as_nanos() * 10 / (most.as_nanos() + 1);
            tenths[usize::try_from(tenth).unwrap()] += 1;
        }
        assert!(tenths.iter().all(|count| (250..750).contains(count)), "{tenths:?}");
    }
}
