//! The background thread's part between a connection and a pipe: its handshake, within one deadline that no byte extends.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::Wire;
use hubless_protocol::patterns::Time;
use hubless_transport::{Connection, Notifier, Notify, Peer, Wait};
use mio::Interest;

use super::connect::admission::{AdmissionState, Admitted};
use super::connect::handshake::{Handshake, Remains, Step};
use super::connect::newcomer::{Newcomer, Unwelcome};
use super::connect::places::Need;
use super::control::managed_socket::ManagedSocket;
use super::control::tokens;
use super::pipe::connection::link;
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::catch_panic::catch_panic;
use super::sys::contained::Contained;
use super::sys::fd_limit::{EvictionEntry, InUse};
use super::sys::ids::EndpointId;
use super::sys::logging::{Level, log_line};
use super::sys::random;
use super::timers::Due;
use super::worker::Worker;
use crate::monitor::{EventKind, Failure};

/// A handshake under way, and what the thread keeps beside it.
#[derive(Debug)]
pub(super) struct Handshaking {
    pub(super) handshake: Handshake,
    pub(super) in_use: InUse,
    /// The peer was accepted and has not said who it is.
    pub(super) evictable: Option<EvictionEntry>,
    pub(super) socket: Arc<dyn ManagedSocket>,
    pub(super) source: Arc<SourceEndpoint>,
    pub(super) serial: u64,
    /// Who is at the other end, as far as that was known last.
    peer: Peer,
    /// How long it may take.
    pub(super) time: Duration,
    deadline: Option<Time>,
}

/// What a connection has to meet to become a pipe.
#[derive(Debug)]
pub(super) struct Terms {
    /// What is spoken.
    pub(super) wire: Wire,
    /// The time for it.
    pub(super) time: Duration,
    pub(super) admission: AdmissionState,
}

impl Handshaking {
    /// Who is at the other end. A transport that has panicked may do so again: then it is who it was before.
    pub(super) fn peer(&mut self) -> Peer {
        if let Ok(peer) = catch_panic(|| link(&self.handshake.connection).peer()) {
            self.peer = peer;
        }
        self.peer.clone()
    }
}

impl Worker {
    /// Begins with a fresh connection. Its key, unless it is over already.
    pub(super) fn begin_handshake(
        &mut self,
        connection: Contained<Connection>,
        peer: Peer,
        socket: Arc<dyn ManagedSocket>,
        source: Arc<SourceEndpoint>,
        terms: Terms,
    ) -> Option<usize> {
        self.serial += 1;
        // A transport that does not say it uses one, as most do.
        let descriptors = catch_panic(|| link(&connection).descriptors()).unwrap_or(1);
        let accepted = matches!(source.id, EndpointId::Listener(_));
        let address = peer.network.filter(|_| accepted).map(|network| network.ip());
        let prepared = if descriptors > 0 { self.prepare(&*socket) } else { Ok(()) };
        let key = self.handshakes.insert(Handshaking {
            in_use: self.fd_limit.take(descriptors, address),
            evictable: None,
            serial: self.serial,
            peer,
            time: terms.time,
            deadline: None,
            handshake: Handshake::new(connection, (terms.wire, socket.role()), !accepted, terms.admission),
            socket,
            source,
        });
        let handle: Arc<dyn Notify> = Arc::clone(&self.handle) as _;
        let notifier = Notifier::new(handle, tokens::handshake(key).0);
        let wait = Wait::new(self.poll.registry(), notifier, Interest::READABLE | Interest::WRITABLE);
        let watched = catch_panic(|| {
            prepared?;
            let link = link(&self.handshakes[key].handshake.connection);
            link.watch(&wait).map(|()| link.establishes_promptly())
        });
        match watched {
            Ok(Ok(prompt)) => {
                if prompt {
                    self.limit_handshake(key);
                }
                self.go_on_with_handshake(key);
            }
            Ok(Err(error)) => self.handshake_failed(key, Failure::Broken(error.into())),
            Err(panicked) => self.handshake_failed(key, panicked.into()),
        }
        self.handshakes.contains(key).then_some(key)
    }

    /// The connection may have become ready for the next step.
    pub(super) fn go_on_with_handshake(&mut self, key: usize) {
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        match catch_panic(|| handshaking.handshake.step()).unwrap_or_else(|panicked| Err(panicked.into())) {
            Ok(Step::Done(admitted)) => self.handshake_done(key, admitted),
            Ok(Step::Ask) => self.ask(key),
            Ok(Step::Seek) => self.seek_place(key),
            Ok(Step::Wait) => {}
            Err(failure) => self.handshake_failed(key, failure),
        }
    }

    /// Whether the peer has yet to say who it is, and does not wait for anybody's answer or for a place.
    pub(super) fn still_greets(&self, key: usize) -> bool {
        self.handshakes.get(key).is_some_and(|handshaking| handshaking.handshake.awaits_the_peer())
    }

    /// Has a handshake end at this time, if its deadline is not before.
    pub(super) fn hasten(&mut self, key: usize, at: Time) {
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        let due = Due::Handshake(key, handshaking.serial);
        if handshaking.deadline.is_none_or(|deadline| at < deadline) {
            if let Some(former) = handshaking.deadline.replace(at) {
                self.timers.cancel(former, due);
            }
            self.timers.set(at, due);
        }
    }

    /// Gives a handshake its deadline, if it has none.
    pub(super) fn limit_handshake(&mut self, key: usize) {
        let now = self.clock.now();
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        if handshaking.deadline.is_none() {
            let at = now.after(handshaking.time);
            handshaking.deadline = Some(at);
            self.timers.set(at, Due::Handshake(key, handshaking.serial));
        }
    }

    /// The time of a handshake is over, unless it was over before.
    pub(super) fn handshake_timed_out(&mut self, key: usize, serial: u64) {
        let Some(handshaking) = self.handshakes.get(key).filter(|handshaking| handshaking.serial == serial)
        else {
            return;
        };
        let failure = match handshaking.handshake.admission {
            _ if handshaking.handshake.need == Need::Held => Failure::AlreadyPaired,
            AdmissionState::Waiting => {
                Failure::Denied("nobody decided by the deadline of the handshake".into())
            }
            _ => Failure::TooSlow,
        };
        self.handshake_failed(key, failure);
    }

    pub(super) fn handshake_failed(&mut self, key: usize, failure: Failure) {
        let Some(mut handshaking) = self.drop_handshake(key) else { return };
        let peer = handshaking.peer();
        let _ = catch_panic(|| link(&handshaking.handshake.connection).shutdown());
        handshaking.socket.count_unread(&handshaking.handshake.connection);
        let Handshaking { socket, source, in_use, .. } = handshaking;
        self.handshake_over(key, &socket, &source, (&peer, in_use.address), Err(failure));
    }

    /// Ends a handshake and tells its endpoint nothing, because that is closed.
    pub(super) fn leave_handshake(&mut self, key: usize) {
        if let Some(handshaking) = self.drop_handshake(key) {
            handshaking.socket.count_unread(&handshaking.handshake.connection);
        }
    }

    /// The handshake is over, and somebody else sees to its connection.
    fn drop_handshake(&mut self, key: usize) -> Option<Handshaking> {
        let handshaking = self.handshakes.try_remove(key)?;
        let _ = catch_panic(|| link(&handshaking.handshake.connection).unwatch(self.poll.registry()));
        if let Some(at) = handshaking.deadline {
            self.timers.cancel(at, Due::Handshake(key, handshaking.serial));
        }
        if let AdmissionState::Waiting = handshaking.handshake.admission {
            self.count_pending(handshaking.source.id, |pending| pending.saturating_sub(1));
        }
        if handshaking.handshake.need != Need::Nothing {
            self.places.forget_handshake(handshaking.socket.id(), key);
        }
        if handshaking.handshake.need == Need::Kept {
            self.place_may_be_free(handshaking.socket.id());
        }
        Some(handshaking)
    }

    fn handshake_done(&mut self, key: usize, admitted: Admitted) {
        let Some(mut handshaking) = self.drop_handshake(key) else { return };
        let peer = handshaking.peer();
        let Handshaking { handshake, in_use, socket, source, .. } = handshaking;
        let Some(Remains { connection, session, surplus, early }) = handshake.into_remains() else { return };
        let address = in_use.address;
        let newcomer = Newcomer {
            connection,
            in_use,
            session: session.with_identity(peer.identity.clone()),
            peer: peer.clone(),
            source: Arc::clone(&source),
            admitted,
            surplus,
            early,
            number: random::pipe_number(),
        };
        let result = socket.admit(newcomer).map_err(|unwelcome| match unwelcome {
            Unwelcome::Refused(refusal) => refusal.into(),
            Unwelcome::SocketClosed => Failure::SocketClosed,
            Unwelcome::Panicked => Failure::Panicked,
        });
        self.handshake_over(key, &socket, &source, (&peer, address), result);
    }

    /// Counts and reports the outcome, and tells the endpoint.
    fn handshake_over(
        &mut self,
        key: usize,
        socket: &Arc<dyn ManagedSocket>,
        source: &SourceEndpoint,
        (peer, address): (&Peer, Option<IpAddr>),
        result: Result<(), Failure>,
    ) {
        let silent = matches!(result, Err(Failure::TooSlow));
        let result = result.map_err(|failure| {
            self.is_deferred(source.id, &failure);
            socket.count_refused(&|refused| failure.count(refused));
            failure.count(&mut source.counters().refused);
            socket.tell(&|| EventKind::ConnectionFailed {
                via: source.via.clone(),
                peer: Some(peer.clone()),
                failure: failure.clone(),
            });
            let reason = failure.to_string();
            let line = || format!("{}: no connection with {}: {reason}", socket.role(), peer.address);
            match (source.id, &failure) {
                // Nobody listens there yet: that is no news, and the dialer's status tells it.
                (EndpointId::Dialer(_), Failure::Broken(_)) => log_line!(Level::Debug, "{}", line()),
                (EndpointId::Dialer(dialer), _) if !self.is_news(dialer, &reason) => {
                    log_line!(Level::Debug, "{}", line());
                }
                _ => self.log.say(self.clock.now(), line),
            }
            reason
        });
        match source.id {
            EndpointId::Listener(listener) => self.accepted(listener, key, address, result),
            EndpointId::Dialer(dialer) => self.dialed(dialer, result, silent),
        }
    }
}
