//! The kit finds the faults that a transport with buffers may have: the layer with one fault at a time.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use hubless_layered::LayeredTransport;
use hubless_transport::mio::Registry;
use hubless_transport::{
    AddressError, Connection, Dialer, Link, Listener, Messages, Offer, Packet, Peer, Stream, Transport, Wait,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    FlushesNothing,
    BuffersInSecret,
    ForgetsTheLimit,
    IsSomebodyElseEachTime,
    MisstatesItsNetwork,
}

#[derive(Debug)]
struct Faulty(LayeredTransport, Fault);

#[derive(Debug)]
struct FaultyDialer(Box<dyn Dialer>, Fault);

#[derive(Debug)]
struct FaultyListener(Box<dyn Listener>, Fault);

#[derive(Debug)]
struct End<T: ?Sized> {
    fault: Fault,
    asked: AtomicUsize,
    inner: Box<T>,
}

fn wrap(connection: Connection, fault: Fault) -> Connection {
    let asked = AtomicUsize::new(0);
    match connection {
        Connection::Stream(inner) => Connection::Stream(Box::new(End { fault, asked, inner })),
        Connection::Messages(inner) => Connection::Messages(Box::new(End { fault, asked, inner })),
        other => other,
    }
}

/// What is offered to the transport below.
fn offer(offer: &Offer, fault: Fault) -> Offer {
    let offer = offer.clone();
    if fault == Fault::ForgetsTheLimit { offer.with_max_message(u64::MAX) } else { offer }
}

impl Transport for Faulty {
    fn scheme(&self) -> &'static str {
        self.0.scheme()
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(FaultyDialer(self.0.dialer(address)?, self.1)))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(FaultyListener(self.0.listener(address)?, self.1)))
    }
}

impl Dialer for FaultyDialer {
    fn host(&self) -> Option<(&str, u16)> {
        self.0.host()
    }

    fn dial(&mut self, resolved: Option<SocketAddr>, ours: &Offer) -> io::Result<Connection> {
        Ok(wrap(self.0.dial(resolved, &offer(ours, self.1))?, self.1))
    }
}

impl Listener for FaultyListener {
    fn bind(&mut self) -> io::Result<()> {
        self.0.bind()
    }

    fn address(&self) -> String {
        self.0.address()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.0.watch(wait)
    }

    fn unwatch(&mut self, registry: &Registry) {
        self.0.unwatch(registry);
    }

    fn accept(&mut self, ours: &Offer) -> io::Result<Connection> {
        Ok(wrap(self.0.accept(&offer(ours, self.1))?, self.1))
    }
}

impl<T: Link + ?Sized> Link for End<T> {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.inner.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.inner.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.inner.establish()
    }

    fn peer(&self) -> Peer {
        let peer = self.inner.peer();
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::IsSomebodyElseEachTime => peer.with_key(asked.to_be_bytes()),
            Fault::MisstatesItsNetwork => peer.with_network(SocketAddr::from(([10, 9, 8, 7], 6))),
            _ => peer,
        }
    }

    fn buffers(&self) -> bool {
        self.fault != Fault::BuffersInSecret
    }

    fn flush(&self) -> io::Result<()> {
        if self.fault == Fault::FlushesNothing { Ok(()) } else { self.inner.flush() }
    }

    fn wants_write(&self) -> bool {
        self.inner.wants_write()
    }

    fn shutdown(&self) {
        self.inner.shutdown();
    }
}

impl Stream for End<dyn Stream> {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.inner.read(into)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.write(slices)
    }
}

impl Messages for End<dyn Messages> {
    fn offered(&self) -> String {
        self.inner.offered()
    }

    fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize> {
        self.inner.recv(into, most)
    }

    fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize> {
        self.inner.send(from)
    }
}

/// Runs the checks that are about buffers, limits and identities, and returns how one failed.
fn failure(layer: LayeredTransport, fault: Fault) -> Option<String> {
    let faulty = Faulty(layer, fault);
    let addresses = || "127.0.0.1:0".to_owned();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        hubless_conformance::what_is_buffered_leaves_when_it_is_flushed(&faulty, &addresses);
        hubless_conformance::reading_leaves_nothing_unwritten(&faulty, &addresses);
        hubless_conformance::a_peer_stays_who_it_is(&faulty, &addresses);
        hubless_conformance::a_message_over_the_limit_is_refused(&faulty, &addresses);
    }));
    outcome.err().map(|panic| panic.downcast::<String>().map_or_else(|_| "planted".to_owned(), |text| *text))
}

#[test]
fn the_wrapper_without_a_fault_conforms() {
    let layer = LayeredTransport::new(*b"keys");
    for layer in [layer, layer.in_messages()] {
        assert_eq!(failure(layer, Fault::None), None);
    }
}

#[test]
fn every_planted_fault_is_found_and_named() {
    let layer = LayeredTransport::new(*b"keys");
    for (fault, name) in [
        (Fault::FlushesNothing, "nothing to write after a flush"),
        (Fault::BuffersInSecret, "buffers where something lies in them"),
        (Fault::ForgetsTheLimit, "an error where a message is over the limit"),
        (Fault::IsSomebodyElseEachTime, "the same peer after some messages"),
        (Fault::MisstatesItsNetwork, "the network address in the text of the address"),
    ] {
        let failure = failure(layer.in_messages(), fault).unwrap_or_default();
        assert!(failure.contains(name), "{fault:?} was to be found by `{name}`, but: {failure:?}");
    }
}
