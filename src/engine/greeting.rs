//! The background thread's part between a connection and a pipe: establishing, and the exchange of SP greetings
//! (sp.md section 2), all within one deadline that no octet extends.

use std::io::{self, IoSlice};
use std::sync::Arc;

use hubless_transport::{Connection, Notifier, Notify, Peer, Stream, Wait};
use mio::Interest;

use super::attended::Attended;
use super::endpoint::EndpointId;
use super::entropy;
use super::lifecycle::{Newcomer, Unwelcome};
use super::pipe::link;
use super::source::Source;
use super::timers::Due;
use super::tokens;
use super::worker::Worker;
use crate::monitor::{Event, Failure};
use crate::patterns::{Role, Time};
use crate::wire::handshake::{GREETING, HandshakeError, Progress, check, greeting};

/// A connection that is not yet a pipe.
#[derive(Debug)]
pub(crate) struct Handshake {
    connection: Connection,
    pub(crate) socket: Arc<dyn Attended>,
    source: Arc<Source>,
    serial: u64,
    deadline: Option<Time>,
    established: bool,
    /// Octets of our greeting that have left.
    sent: usize,
    /// Octets of the peer's greeting.
    received: Vec<u8>,
}

impl Worker {
    /// Begins with a fresh connection. Its key, unless it is over already.
    pub(crate) fn begin_handshake(
        &mut self,
        connection: Connection,
        socket: Arc<dyn Attended>,
        source: Arc<Source>,
    ) -> Option<usize> {
        self.serial += 1;
        let deadline = link(&connection)
            .establishes_promptly()
            .then(|| self.clock.now().after(socket.options().handshake));
        let key = self.handshakes.insert(Handshake {
            connection,
            socket,
            source,
            serial: self.serial,
            deadline,
            established: false,
            sent: 0,
            received: Vec::with_capacity(GREETING),
        });
        if let Some(at) = deadline {
            self.timers.set(at, Due::Handshake(key, self.serial));
        }
        let mailbox: Arc<dyn Notify> = Arc::clone(&self.mailbox) as _;
        let notifier = Notifier::new(mailbox, tokens::handshake(key).0);
        let wait = Wait::new(self.poll.registry(), notifier, Interest::READABLE | Interest::WRITABLE);
        match link(&self.handshakes[key].connection).watch(&wait) {
            Ok(()) => self.go_on_with_handshake(key),
            Err(error) => self.handshake_failed(key, Failure::Broken(error.into())),
        }
        self.handshakes.contains(key).then_some(key)
    }

    /// The connection may have become ready for the next step.
    pub(crate) fn go_on_with_handshake(&mut self, key: usize) {
        let Some(handshake) = self.handshakes.get_mut(key) else { return };
        match handshake.step() {
            Ok(true) => self.handshake_done(key),
            Ok(false) => {}
            Err(failure) => self.handshake_failed(key, failure),
        }
    }

    /// The time of a handshake is over, unless it was over before.
    pub(crate) fn handshake_timed_out(&mut self, key: usize, serial: u64) {
        if self.handshakes.get(key).is_some_and(|handshake| handshake.serial == serial) {
            self.handshake_failed(key, Failure::TooSlow);
        }
    }

    pub(crate) fn handshake_failed(&mut self, key: usize, failure: Failure) {
        let Some(handshake) = self.drop_handshake(key) else { return };
        let peer = link(&handshake.connection).peer();
        link(&handshake.connection).shutdown();
        self.handshake_over(key, &handshake.socket, &handshake.source, &peer, Err(failure));
    }

    /// Ends a handshake without a word to its endpoint.
    pub(crate) fn drop_handshake(&mut self, key: usize) -> Option<Handshake> {
        let handshake = self.handshakes.try_remove(key)?;
        link(&handshake.connection).unwatch(self.poll.registry());
        if let Some(at) = handshake.deadline {
            self.timers.cancel(at, Due::Handshake(key, handshake.serial));
        }
        Some(handshake)
    }

    fn handshake_done(&mut self, key: usize) {
        let Some(mut handshake) = self.drop_handshake(key) else { return };
        let peer = link(&handshake.connection).peer();
        let surplus = handshake.received.split_off(GREETING.min(handshake.received.len()));
        let Handshake { connection, socket, source, .. } = handshake;
        let newcomer = Newcomer {
            connection,
            peer: peer.clone(),
            source: Arc::clone(&source),
            surplus,
            number: entropy::pipe_number(),
        };
        let result = socket.admit(newcomer).map_err(|unwelcome| match unwelcome {
            Unwelcome::Refused(refusal) => refusal.into(),
            Unwelcome::SocketClosed => Failure::SocketClosed,
        });
        self.handshake_over(key, &socket, &source, &peer, result);
    }

    /// Counts and reports the outcome, and tells the endpoint.
    fn handshake_over(
        &mut self,
        key: usize,
        socket: &Arc<dyn Attended>,
        source: &Source,
        peer: &Peer,
        result: Result<(), Failure>,
    ) {
        let result = result.map_err(|failure| {
            socket.count_refused(&|refused| failure.count(refused));
            failure.count(&mut source.ledger().refused);
            socket.tell(&|| Event::ConnectionFailed {
                via: source.via.clone(),
                peer: Some(peer.clone()),
                failure: failure.clone(),
            });
            let reason = failure.to_string();
            let line = || format!("{}: no connection with {}: {reason}", socket.role(), peer.address);
            match (source.id, &failure) {
                // Nobody listens there yet: that is no news, and the dialer's status tells it.
                (EndpointId::Dialer(_), Failure::Broken(_)) => log::debug!("{}", line()),
                (EndpointId::Dialer(dialer), _) if !self.is_news(dialer, &reason) => {
                    log::debug!("{}", line());
                }
                _ => self.log.say(self.clock.now(), line),
            }
            reason
        });
        match source.id {
            EndpointId::Listener(listener) => self.accepted(listener, key, &peer.address, result),
            EndpointId::Dialer(dialer) => self.dialed(dialer, result),
        }
    }
}

impl Handshake {
    /// Goes on as far as the connection allows; whether it is done.
    fn step(&mut self) -> Result<bool, Failure> {
        if !self.established {
            match link(&self.connection).establish() {
                Ok(()) => self.established = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
        let role = self.socket.role();
        match &self.connection {
            Connection::Stream(stream) => exchange(&**stream, role, &mut self.sent, &mut self.received),
            Connection::Messages(messages) if messages.protocol() == role.peer().number() => Ok(true),
            Connection::Messages(messages) => {
                Err(Failure::of_greeting(HandshakeError::Protocol(messages.protocol()), role))
            }
            _ => Err(Failure::Broken(io::ErrorKind::Unsupported.into())),
        }
    }
}

/// Sends what is left of our greeting and reads what is there of the peer's. Ours goes out even to a peer that will be
/// refused, as every implementation does; the first wrong octet ends it.
fn exchange(
    stream: &dyn Stream,
    role: Role,
    sent: &mut usize,
    received: &mut Vec<u8>,
) -> Result<bool, Failure> {
    let ours = greeting(role.number());
    while *sent < ours.len() {
        match stream.write(&[IoSlice::new(&ours[*sent..])]) {
            Ok(0) => return Err(Failure::Broken(io::ErrorKind::WriteZero.into())),
            Ok(count) => *sent += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(Failure::Broken(error.into())),
        }
    }
    loop {
        match check(received, role.peer().number()) {
            Ok(Progress::Complete) => return Ok(*sent == ours.len()),
            Ok(Progress::NeedMore) => {}
            Err(error) => return Err(Failure::of_greeting(error, role)),
        }
        match stream.read(received) {
            Ok(0) => return Err(Failure::PeerLeft),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(Failure::Broken(error.into())),
        }
    }
}
