use std::io;
use std::net::ToSocketAddrs;

use hubless_transport::{Connection, Dialer, Link, Listener, Offer, Readiness, Transport};

use crate::check::Check;
use crate::event_loop::EventLoop;

/// What dialers of the kit offer.
pub(crate) const DIALER: &str = "asks.conformance";

/// What listeners of the kit offer.
pub(crate) const LISTENER: &str = "answers.conformance";

/// A transport under test.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) check: Check,
    pub(crate) transport: &'a dyn Transport,
    pub(crate) addresses: &'a dyn Fn() -> String,
}

/// One end of a connection, watched by an event loop.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) connection: Connection,
    pub(crate) token: usize,
}

/// A listener that has its address, watched by an event loop.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) token: usize,
}

/// A connection, both its ends in our hands.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) dialed: End,
    pub(crate) accepted: End,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        name: &'static str,
        transport: &'a dyn Transport,
        addresses: &'a dyn Fn() -> String,
    ) -> Self {
        Self { check: Check { name, scheme: transport.scheme() }, transport, addresses }
    }

    pub(crate) fn event_loop(&self) -> EventLoop {
        EventLoop::new(self.check)
    }

    /// A listener for `address`, not yet bound.
    pub(crate) fn listener(&self, address: &str) -> Box<dyn Listener> {
        self.check.ok(self.transport.listener(address), "an address to listen on to be valid")
    }

    /// Listens on a fresh address.
    pub(crate) fn listen(&self, events: &mut EventLoop) -> Bound {
        self.listen_on(events, &(self.addresses)())
    }

    pub(crate) fn listen_on(&self, events: &mut EventLoop, address: &str) -> Bound {
        let mut listener = self.listener(address);
        self.check.ok(listener.bind(), "to bind a free address");
        let token = events.watch_listener(listener.as_mut());
        Bound { listener, token }
    }

    /// Makes one attempt to connect.
    pub(crate) fn try_dial(&self, events: &mut EventLoop, address: &str) -> io::Result<End> {
        let dialer = self.check.ok(self.transport.dialer(address), "what a listener tells to be dialable");
        dial_with(events, dialer)
    }

    pub(crate) fn dial(&self, events: &mut EventLoop, address: &str) -> End {
        self.check.ok(self.try_dial(events, address), "dialing a listener to succeed")
    }

    /// A connection on a fresh address, and its listener.
    pub(crate) fn pair(&self, events: &mut EventLoop) -> (Bound, Pair) {
        let mut bound = self.listen(events);
        let pair = self.pair_on(events, &mut bound);
        (bound, pair)
    }

    /// A connection to this listener.
    pub(crate) fn pair_on(&self, events: &mut EventLoop, bound: &mut Bound) -> Pair {
        let dialed = self.dial(events, &bound.listener.address());
        let accepted = bound.accept(events);
        let pair = Pair { dialed, accepted };
        pair.establish(events);
        pair
    }
}

impl Bound {
    /// Takes a connection if one is waiting, only after its edge.
    pub(crate) fn try_accept(&mut self, events: &mut EventLoop) -> Option<End> {
        if !events.take(self.token, Readiness::Readable) {
            return None;
        }
        match self.listener.accept(&Offer::new(LISTENER, [DIALER])) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            outcome => {
                let connection = events.check.ok(outcome, "to accept a connection that is waiting");
                // There may be more, of which no new edge would tell.
                events.put_back(self.token, Readiness::Readable);
                let token = events.watch(link_of(&connection));
                Some(End { connection, token })
            }
        }
    }

    pub(crate) fn accept(&mut self, events: &mut EventLoop) -> End {
        loop {
            if let Some(end) = self.try_accept(events) {
                return end;
            }
            events.turn();
        }
    }
}

impl Pair {
    /// Establishes both ends in turn, since the handshake of one may need the other.
    pub(crate) fn establish(&self, events: &mut EventLoop) {
        let (mut dialed, mut accepted) = (false, false);
        loop {
            dialed = dialed || self.dialed.try_establish(events);
            accepted = accepted || self.accepted.try_establish(events);
            if dialed && accepted {
                return;
            }
            events.turn();
        }
    }

    /// The same connection, looked at from its other end.
    pub(crate) fn turned_around(self) -> Self {
        Self { dialed: self.accepted, accepted: self.dialed }
    }
}

impl End {
    pub(crate) fn link(&self) -> &dyn Link {
        link_of(&self.connection)
    }

    /// Establishes this end, for which the other one need not do anything more.
    pub(crate) fn establish(&self, events: &mut EventLoop) {
        while !self.try_establish(events) {
            events.turn();
        }
    }

    /// Whether the connection is established now, and lets the other end in then. The edges it has seen stay.
    pub(crate) fn try_establish(&self, events: &EventLoop) -> bool {
        match self.link().establish() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            outcome => {
                events.check.ok(outcome, "a connection with a listener to be established");
                if let Connection::Messages(messages) = &self.connection {
                    messages.admit();
                }
                events.put_back(self.token, Readiness::Writable);
                true
            }
        }
    }

    /// Has the transport send what it has in its buffers.
    pub(crate) fn flush(&self, check: Check) -> io::Result<()> {
        if !self.link().buffers() {
            return Ok(());
        }
        match self.link().flush() {
            Ok(()) => check.require(!self.wants_write(), "nothing to write after a flush", "something"),
            Err(error) => {
                let blocked = error.kind() == io::ErrorKind::WouldBlock;
                check.require(
                    !blocked || self.wants_write(),
                    "something to write after `WouldBlock`",
                    "nothing",
                );
                return Err(error);
            }
        }
        Ok(())
    }

    /// Whether the transport has something in its buffers that is to be sent.
    pub(crate) fn wants_write(&self) -> bool {
        self.link().buffers() && self.link().wants_write()
    }

    /// Whether it carries whole messages.
    pub(crate) fn has_messages(&self) -> bool {
        matches!(self.connection, Connection::Messages(_))
    }
}

/// Makes one attempt to connect with this dialer.
pub(crate) fn dial_with(events: &mut EventLoop, mut dialer: Box<dyn Dialer>) -> io::Result<End> {
    let name = dialer.host().map(|(name, port)| (name.to_owned(), port));
    let resolved = match name {
        Some(name) => name.to_socket_addrs()?.next(),
        None => None,
    };
    let connection = dialer.dial(resolved, &Offer::new(DIALER, [LISTENER]))?;
    let token = events.watch(link_of(&connection));
    Ok(End { connection, token })
}

pub(crate) fn link_of(connection: &Connection) -> &dyn Link {
    match connection {
        Connection::Stream(stream) => stream.as_ref(),
        Connection::Messages(messages) => messages.as_ref(),
        other => unreachable!("the kit does not know {other:?}"),
    }
}
