//! The kit finds the faults that a transport may have: inproc with one fault at a time.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use hubless_inproc::InprocTransport;
use hubless_transport::mio::Registry;
use hubless_transport::{
    AddressError, Connection, Dialer, Link, Listener, Messages, Offer, Packet, Peer, Transport, Wait,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    TakesEmptyAddresses,
    PanicsAtAddresses,
    BindsTwice,
    KeepsTheAddress,
    Reorders,
    Loses,
    LosesAtTheEnd,
    SendsAfterShutdown,
    HidesThePeer,
    WatchesOnce,
    KeepsTheRefusedWaiting,
}

#[derive(Debug)]
struct Faulty {
    inproc: InprocTransport,
    fault: Fault,
}

#[derive(Debug)]
struct FaultyDialer(Box<dyn Dialer>, Fault);

#[derive(Debug)]
struct FaultyListener(Option<Box<dyn Listener>>, Fault);

#[derive(Debug)]
struct FaultyEnd {
    end: Box<dyn Messages>,
    fault: Fault,
    watches: AtomicUsize,
}

impl Transport for Faulty {
    fn scheme(&self) -> &'static str {
        "inproc"
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        let address = match self.fault {
            Fault::TakesEmptyAddresses if address.is_empty() => "empty",
            Fault::PanicsAtAddresses if address.contains('\0') => panic!("planted"),
            _ => address,
        };
        Ok(Box::new(FaultyDialer(self.inproc.dialer(address)?, self.fault)))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(FaultyListener(Some(self.inproc.listener(address)?), self.fault)))
    }
}

impl FaultyEnd {
    fn wrap(connection: Connection, fault: Fault) -> Connection {
        match connection {
            Connection::Messages(end) => {
                Connection::Messages(Box::new(Self { end, fault, watches: AtomicUsize::new(0) }))
            }
            other => other,
        }
    }
}

impl Dialer for FaultyDialer {
    fn dial(&mut self, resolved: Option<SocketAddr>, offer: &Offer) -> io::Result<Connection> {
        Ok(FaultyEnd::wrap(self.0.dial(resolved, offer)?, self.1))
    }
}

impl FaultyListener {
    fn inner(&mut self) -> &mut dyn Listener {
        self.0.as_mut().expect("there until dropped").as_mut()
    }
}

impl Listener for FaultyListener {
    fn bind(&mut self) -> io::Result<()> {
        let outcome = self.inner().bind();
        if self.1 == Fault::BindsTwice { Ok(()) } else { outcome }
    }

    fn address(&self) -> String {
        self.0.as_ref().expect("there until dropped").address()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.inner().watch(wait)
    }

    fn unwatch(&mut self, registry: &Registry) {
        self.inner().unwatch(registry);
    }

    fn accept(&mut self, offer: &Offer) -> io::Result<Connection> {
        let fault = self.1;
        Ok(FaultyEnd::wrap(self.inner().accept(offer)?, fault))
    }
}

impl Drop for FaultyListener {
    fn drop(&mut self) {
        if self.1 == Fault::KeepsTheAddress {
            std::mem::forget(self.0.take());
        }
    }
}

impl Link for FaultyEnd {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        if self.watches.fetch_add(1, Ordering::Relaxed) > 0 && self.fault == Fault::WatchesOnce {
            return Ok(());
        }
        self.end.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.end.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        match self.end.establish() {
            Err(_) if self.fault == Fault::KeepsTheRefusedWaiting => Err(io::ErrorKind::WouldBlock.into()),
            outcome => outcome,
        }
    }

    fn establishes_promptly(&self) -> bool {
        self.end.establishes_promptly()
    }

    fn peer(&self) -> Peer {
        if self.fault == Fault::HidesThePeer { Peer::new("somebody") } else { self.end.peer() }
    }

    fn shutdown(&self) {
        if self.fault != Fault::SendsAfterShutdown || self.watches.load(Ordering::Relaxed) == 0 {
            self.end.shutdown();
        }
    }
}

impl Messages for FaultyEnd {
    fn offered(&self) -> String {
        self.end.offered()
    }

    fn admit(&self) {
        self.end.admit();
    }

    fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize> {
        let before = into.len();
        let count = self.end.recv(into, most)?;
        if self.fault == Fault::Reorders && count > 1 {
            into.swap(before, before + 1);
        }
        if self.fault == Fault::Loses && count > 9 {
            into.remove(before);
        }
        if self.fault == Fault::LosesAtTheEnd && count == 3 && into[before].len() == 100 {
            into.truncate(before);
            return Ok(0);
        }
        Ok(count)
    }

    fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize> {
        self.end.send(from)
    }
}

/// Runs the kit and returns how it failed.
fn failure(fault: Fault) -> Option<String> {
    let faulty = Faulty { inproc: InprocTransport::new(), fault };
    let next = AtomicUsize::new(0);
    let addresses = || next.fetch_add(1, Ordering::Relaxed).to_string();
    let outcome = catch_unwind(AssertUnwindSafe(|| hubless_conformance::suite(&faulty, &addresses)));
    outcome.err().map(|panic| panic.downcast::<String>().map_or_else(|_| "planted".to_owned(), |text| *text))
}

#[test]
fn the_wrapper_without_a_fault_conforms() {
    assert_eq!(failure(Fault::None), None);
}

#[test]
fn every_planted_fault_is_found_and_named() {
    let faults = [
        (Fault::TakesEmptyAddresses, "bad addresses are refused"),
        (Fault::PanicsAtAddresses, "planted"),
        (Fault::BindsTwice, "binding twice is refused"),
        (Fault::KeepsTheAddress, "the address is free after a drop"),
        (Fault::Reorders, "sizes from none to a mebibyte arrive intact"),
        (Fault::Loses, "as many messages appended as told"),
        (Fault::LosesAtTheEnd, "an end follows all messages"),
        (Fault::HidesThePeer, "connects and accepts"),
    ];
    for (fault, name) in faults {
        let failure = failure(fault).unwrap_or_default();
        assert!(failure.contains(name), "{fault:?} was to be found by `{name}`, but: {failure:?}");
    }
}

#[test]
#[ignore = "a lost edge is found only after a minute of silence"]
fn lost_edges_are_found() {
    std::thread::scope(|scope| {
        for fault in [Fault::SendsAfterShutdown, Fault::WatchesOnce, Fault::KeepsTheRefusedWaiting] {
            scope.spawn(move || {
                let failure = failure(fault).unwrap_or_default();
                assert!(failure.contains("silence"), "{fault:?}: {failure:?}");
            });
        }
    });
}
