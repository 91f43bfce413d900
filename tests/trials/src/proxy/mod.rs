//! A bad connection between real sockets: what a dialer and a listener say to each other passes through here, and how it is cut,
//! held back and broken off follows from a seed.

mod copier;
mod fault;
mod frames;
mod link;
mod manner;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use crate::Trial;
use link::Link;
pub use manner::{Cutting, Ending, Fault, Manner, Stalls};
use wire::{Entrance, connect};

/// What passes connections on to a listener. Dropped, it breaks them off.
#[derive(Debug)]
pub struct Proxy {
    address: String,
    counts: Arc<Counts>,
    acceptor: Option<JoinHandle<()>>,
}

/// What has gone through all connections so far, both ways together.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Messages that were read to their last byte and not written to it, of connections that have ended.
    swallowed: AtomicU64,
    connections: AtomicU64,
    cuts: AtomicU64,
    /// The fault that the manner asks for has been committed.
    faulty: AtomicBool,
    /// It all ends.
    stopped: AtomicBool,
}

impl Proxy {
    /// Begins to accept, for the listener at this address. `part` tells the chance of several from each other.
    pub fn start(trial: &Trial, part: u64, target: &str, manner: Manner) -> Self {
        let (entrance, address) = Entrance::beside(target, part);
        let counts = Arc::new(Counts::default());
        let (target, chance) = (target.to_owned(), trial.chance(part));
        let accepting = Arc::clone(&counts);
        let acceptor = thread::spawn(move || accept(&entrance, &target, &manner, chance, &accepting));
        Self { address, counts, acceptor: Some(acceptor) }
    }

    /// Where to dial.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Connections that were accepted.
    pub fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// Connections that were broken off.
    pub fn cuts(&self) -> u64 {
        self.counts.cuts.load(Ordering::SeqCst)
    }

    /// Whole messages that were taken from one side and not given to the other, of connections that have ended.
    pub fn swallowed(&self) -> u64 {
        self.counts.swallowed.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.counts.stopped.store(true, Ordering::SeqCst);
        // It wakes the thread that accepts.
        drop(connect(&self.address));
        let _ = self.acceptor.take().map(JoinHandle::join);
    }
}

fn accept(
    entrance: &Entrance,
    target: &str,
    manner: &Manner,
    mut chance: fastrand::Rng,
    counts: &Arc<Counts>,
) {
    while let Ok(dialer) = entrance.accept() {
        if counts.stopped.load(Ordering::SeqCst) {
            return;
        }
        // Where nobody listens, the dialer is hung up on.
        let Ok(listener) = connect(target) else { continue };
        counts.connections.fetch_add(1, Ordering::SeqCst);
        let link = Arc::new(Link::new([dialer, listener], manner.ending, Arc::clone(counts)));
        for way in 0..2 {
            let copier = copier::Copier::new(Arc::clone(&link), way, manner.clone(), chance.fork());
            thread::spawn(move || copier.run());
        }
    }
}
