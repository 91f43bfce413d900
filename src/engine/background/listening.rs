//! The background thread's part in listening: accepting, and the limits on it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_transport::{Connection, Listener, Offer, Peer, TurnedAway};

use super::connect::admission::AdmissionState;
use super::connect::handshake::offer_of;
use super::connect::options::ListenerOptions;
use super::control::endpoint::ListenerStatus;
use super::control::managed_socket::ManagedSocket;
use super::control::new_endpoints::NewListener;
use super::handshake::Terms;
use super::pipe::connection::link;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::catch_panic::catch_panic;
use super::sys::contained::Contained;
use super::sys::failures::Outage;
use super::sys::ids::EndpointId;
use super::sys::logging::{Level, log_line};
use super::sys::slice::Slice;
use super::sys::sync::Mutex;
use super::timers::Due;
use super::worker::Worker;
use crate::monitor::{EventKind, Failure, Limit};

/// Connections taken from one listener before it is others' turn.
const ACCEPTS: usize = 64;
/// The pause after accepting failed, doubling from the first to the last.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// A listener in the care of the background thread.
#[derive(Debug)]
pub(super) struct Listening {
    listener: Contained<Box<dyn Listener>>,
    pub(super) options: ListenerOptions,
    source: Arc<SourceEndpoint>,
    pub(super) socket: Arc<dyn ManagedSocket>,
    pub(super) status: Arc<Mutex<ListenerStatus>>,
    /// Keys of the handshakes under way, oldest first.
    pub(super) handshakes: VecDeque<usize>,
    pub(super) pipes: usize,
    /// Pipes and handshakes by network address.
    pub(super) addresses: HashMap<IpAddr, usize>,
    pause: Duration,
    resumes: Option<Time>,
    /// Why nobody finds it.
    lost: Option<String>,
    /// The system has refused to tell who comes since it was renewed.
    deaf: bool,
    outage: Outage,
}

impl Worker {
    pub(super) fn listen(&mut self, new: NewListener) {
        let NewListener { key, listener, options, source, socket, status } = new;
        let listening = Listening {
            listener,
            options,
            source,
            socket,
            status,
            handshakes: VecDeque::new(),
            pipes: 0,
            addresses: HashMap::new(),
            pause: PAUSE.0,
            resumes: None,
            lost: None,
            deaf: false,
            outage: Outage::default(),
        };
        self.endpoints.insert((listening.socket.id(), EndpointId::Listener(key)));
        self.listeners.insert(key, listening);
        self.accept(key);
    }

    /// Takes the connections that wait at a listener.
    pub(super) fn accept(&mut self, key: usize) {
        let mut now = self.clock.now();
        let slice = Slice::begin(now);
        for _ in 0..ACCEPTS {
            let Some(listening) = self.listeners.get_mut(&key) else { return };
            if listening.resumes.is_some_and(|resumes| resumes > now) {
                return;
            }
            let offer = listening.offer();
            let accepted = catch_panic(|| {
                let connection = Contained::from(listening.listener.accept(&offer)?);
                let peer = link(&connection).peer();
                Ok::<_, io::Error>((connection, peer))
            });
            self.tell_of_turned_away(key);
            let Some(listening) = self.listeners.get_mut(&key) else { return };
            match accepted.unwrap_or_else(|panicked| Err(panicked.into())) {
                Ok((connection, peer)) => {
                    listening.accepts_again();
                    self.take_connection(key, connection, peer);
                    now = self.clock.now();
                    if slice.is_over(now) {
                        break;
                    }
                }
                // It gives a descriptor first and then looks who is there: that there is nobody shows that all is well.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return listening.accepts_again(),
                // The transport passed over connections that had ended or were not allowed, and gave the turn back.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => break,
                Err(error) if self.found_descriptor(&error) => {}
                Err(error) => return self.pause_accepting(key, &error),
            }
        }
        self.accept_again.push(key);
    }

    fn take_connection(&mut self, key: usize, connection: Contained<Connection>, peer: Peer) {
        if let Err(limit) = self.make_room(key, &peer) {
            if let Some(listening) = self.listeners.get(&key) {
                listening.turn_away(&peer, &limit);
            }
            return;
        }
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        let address = peer.network.map(|network| network.ip());
        listening.has_come(address);
        let (socket, source) = (Arc::clone(&listening.socket), Arc::clone(&listening.source));
        let admission = AdmissionState::of(listening.options.admission.as_ref());
        let (wire, time) = (listening.options.wire, listening.options.handshake);
        let terms = Terms { wire, time, admission };
        if let Some(handshake) = self.begin_handshake(connection, peer, socket, source, terms)
            && let Some(listening) = self.listeners.get_mut(&key)
        {
            listening.handshakes.push_back(handshake);
            self.make_evictable(handshake);
        }
    }

    /// Counts and tells whom the transport has turned away by itself.
    fn tell_of_turned_away(&mut self, key: usize) {
        let now = self.clock.now();
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        for _ in 0..ACCEPTS {
            let Ok(Some(TurnedAway { peer, reason, .. })) = catch_panic(|| listening.listener.turned_away())
            else {
                return;
            };
            self.log.say(now, || format!("{}: {}: {reason}", listening.socket.role(), peer.address));
            let failure = Failure::Denied(reason);
            listening.socket.count_refused(&|refused| failure.count(refused));
            failure.count(&mut listening.source.counters().refused);
            let mut status = listening.status.lock();
            status.refused += 1;
            status.last_error = Some(failure.to_string());
            drop(status);
            listening.socket.tell(&|| EventKind::ConnectionFailed {
                via: listening.source.via.clone(),
                peer: Some(peer.clone()),
                failure: failure.clone(),
            });
        }
    }

    pub(super) fn renew_next(&mut self, _: Time) -> bool {
        let Some(key) = self.to_renew.pop() else { return false };
        self.renew_listener(key);
        true
    }

    /// Looks whether a listener can still be found, and has it found again where its address was taken away. That asks the file
    /// system, which may be slow: so one at a time.
    fn renew_listener(&mut self, key: usize) {
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        let renewed =
            catch_panic(|| listening.listener.renew()).unwrap_or_else(|panicked| Err(panicked.into()));
        let watched = match renewed {
            Ok(false) if !listening.deaf => {
                listening.lost = None;
                return;
            }
            Ok(_) => self.watch_listener(key),
            Err(error) => Err(error),
        };
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        match watched {
            Ok(()) => listening.is_found_again(),
            Err(error) => listening.is_lost(&error),
        }
        self.accept(key);
    }

    fn watch_listener(&mut self, key: usize) -> io::Result<()> {
        let Some(listening) = self.listeners.get_mut(&key) else { return Ok(()) };
        let watched = self.handle.watch_listener(key, &mut **listening.listener);
        listening.deaf = watched.is_err();
        watched
    }

    /// The system gives no connection now, for want of descriptors or memory, or the transport panicked: the pipes there are
    /// stay, and the listener tries again after a pause.
    fn pause_accepting(&mut self, key: usize, error: &io::Error) {
        let now = self.clock.now();
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        let at = now.after(listening.pause);
        if listening.outage.failed(now) {
            let address = listening.source.via.address();
            log_line!(Level::Warn, "accepting on {address} pauses, and is tried again now and then: {error}");
        }
        listening.status.lock().last_error = Some(format!("accepting paused: {error}"));
        listening.socket.tell(&|| EventKind::AcceptingPaused {
            via: listening.source.via.clone(),
            pause: listening.pause,
            cause: error.into(),
        });
        listening.pause = (listening.pause * 2).min(PAUSE.1);
        listening.resumes = Some(at);
        self.timers.set(at, Due::Accept(key));
    }

    pub(super) fn resume_accepting(&mut self, key: usize) {
        if let Some(listening) = self.listeners.get_mut(&key) {
            listening.resumes = None;
            self.accept(key);
        }
    }

    /// A handshake at this listener is over: the connection became a pipe, or did not, because of that.
    pub(super) fn accepted(
        &mut self,
        key: usize,
        handshake: usize,
        address: Option<IpAddr>,
        result: Result<(), String>,
    ) {
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        listening.handshakes.retain(|other| *other != handshake);
        let mut status = listening.status.lock();
        match result {
            Ok(()) => {
                listening.pipes += 1;
                status.accepted += 1;
                status.pipes = listening.pipes;
            }
            Err(reason) => {
                status.refused += 1;
                status.last_error = Some(reason);
                drop(status);
                listening.has_left(address);
            }
        }
    }

    /// A pipe of this listener has ended, of a peer at this network address; `fault` says what it did wrong.
    pub(super) fn listener_lost_pipe(&mut self, key: usize, address: Option<IpAddr>, fault: Option<String>) {
        let Some(listening) = self.listeners.get_mut(&key) else { return };
        listening.pipes = listening.pipes.saturating_sub(1);
        listening.has_left(address);
        let mut status = listening.status.lock();
        status.pipes = listening.pipes;
        status.last_error = fault.or(status.last_error.take());
    }

    pub(super) fn close_listener(&mut self, key: usize) {
        let Some(mut listening) = self.listeners.remove(&key) else { return };
        self.endpoints.remove(&(listening.socket.id(), EndpointId::Listener(key)));
        let _ = catch_panic(|| listening.listener.unwatch(self.poll.registry()));
        for handshake in &listening.handshakes {
            self.leave_handshake(*handshake);
        }
        listening.socket.tell(&|| EventKind::EndpointClosed { via: listening.source.via.clone() });
        let mut status = listening.status.lock();
        status.closed = true;
        status.pipes = 0;
        status.pending = 0;
    }
}

impl Listening {
    /// The system gives connections, or would.
    fn accepts_again(&mut self) {
        self.pause = PAUSE.0;
        self.resumes = None;
        if let Some(failures) = self.outage.succeeded() {
            let address = self.source.via.address();
            log_line!(Level::Warn, "accepting on {address} goes on, after {failures} attempts that failed");
        }
    }

    fn offer(&self) -> Offer {
        offer_of(self.socket.role(), self.options.max_message)
    }

    fn is_found_again(&mut self) {
        self.lost = None;
        let why = "its address was removed, and has been taken again";
        log_line!(Level::Warn, "the listener at {}: {why}", self.source.via.address());
        self.status.lock().last_error = Some(why.into());
        self.socket.tell(&|| EventKind::Listening { via: self.source.via.clone() });
    }

    /// Says so when it is new, and shows it as long as it lasts.
    fn is_lost(&mut self, error: &io::Error) {
        let why = format!("nobody finds it any more: {error}");
        if self.lost.as_ref() != Some(&why) {
            log_line!(Level::Warn, "the listener at {}: {why}", self.source.via.address());
        }
        self.status.lock().last_error = Some(why.clone());
        self.lost = Some(why);
    }

    fn has_come(&mut self, address: Option<IpAddr>) {
        if let Some(address) = address {
            *self.addresses.entry(address).or_default() += 1;
        }
    }

    fn has_left(&mut self, address: Option<IpAddr>) {
        if let Some(address) = address
            && let Some(count) = self.addresses.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&address);
            }
        }
    }

    /// Counts and tells that a connection comes to nothing because of a limit.
    fn turn_away(&self, peer: &Peer, limit: &Limit) {
        self.socket.count_refused(&|refused| refused.too_many += 1);
        self.source.counters().refused.too_many += 1;
        self.socket.tell(&|| EventKind::ConnectionRefused {
            via: self.source.via.clone(),
            peer: peer.clone(),
            limit: limit.clone(),
        });
        let mut status = self.status.lock();
        status.refused += 1;
        status.last_error = Some(limit.to_string());
    }
}
