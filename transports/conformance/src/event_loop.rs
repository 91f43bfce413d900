use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hubless_transport::{Link, Listener, Notifier, Notify, Readiness, Wait};
use mio::{Events, Interest, Poll, Registry, Token, Waker};

use crate::check::Check;

/// Silence after which a transport counts as hung.
const WATCHDOG: Duration = Duration::from_secs(60);

/// How long one of two loops is watched before the other is looked at.
const BRIEF: Duration = Duration::from_millis(1);

/// The token of the waker.
const WAKE: usize = usize::MAX;

/// Events taken from the system at a time.
const EVENTS: usize = 256;

/// A small event loop that records every edge until somebody takes it.
#[derive(Debug)]
pub(crate) struct EventLoop {
    pub(crate) check: Check,
    poll: Poll,
    events: Events,
    edges: Arc<Edges>,
    next: usize,
}

/// The edges reported and not yet taken.
#[derive(Debug)]
struct Edges {
    seen: Mutex<Seen>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct Seen {
    readable: HashSet<usize>,
    writable: HashSet<usize>,
}

impl Seen {
    fn of(&mut self, readiness: Readiness) -> &mut HashSet<usize> {
        if readiness == Readiness::Readable { &mut self.readable } else { &mut self.writable }
    }
}

impl Edges {
    fn add(&self, token: usize, readiness: Readiness) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).of(readiness).insert(token);
    }
}

impl Notify for Edges {
    fn notify(&self, token: usize, readiness: Readiness) {
        self.add(token, readiness);
        // Fails only with the event loop itself, which then reports it.
        let _ = self.waker.wake();
    }
}

impl EventLoop {
    pub(crate) fn new(check: Check) -> Self {
        let poll = check.ok(Poll::new(), "a system event loop");
        let waker = check.ok(Waker::new(poll.registry(), Token(WAKE)), "a waker");
        let edges = Arc::new(Edges { seen: Mutex::default(), waker });
        Self { check, poll, events: Events::with_capacity(EVENTS), edges, next: 0 }
    }

    pub(crate) fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// Watches a connection and returns the token it is known by.
    pub(crate) fn watch(&mut self, link: &dyn Link) -> usize {
        let token = self.new_token();
        let outcome = link.watch(&self.wait_for(token, Interest::READABLE | Interest::WRITABLE));
        self.check.ok(outcome, "a connection that can be watched");
        token
    }

    /// Watches a listener and returns the token it is known by.
    pub(crate) fn watch_listener(&mut self, listener: &mut dyn Listener) -> usize {
        let token = self.new_token();
        let outcome = listener.watch(&self.wait_for(token, Interest::READABLE));
        self.check.ok(outcome, "a listener that can be watched");
        token
    }

    /// Takes the edge away if it was reported.
    pub(crate) fn take(&self, token: usize, readiness: Readiness) -> bool {
        self.edges.seen.lock().unwrap_or_else(PoisonError::into_inner).of(readiness).remove(&token)
    }

    /// Puts an edge back that was not used up.
    pub(crate) fn put_back(&self, token: usize, readiness: Readiness) {
        self.edges.add(token, readiness);
    }

    /// Waits for the edge and takes it away.
    pub(crate) fn await_edge(&mut self, token: usize, readiness: Readiness) {
        while !self.take(token, readiness) {
            self.turn();
        }
    }

    /// Waits until something is reported.
    pub(crate) fn turn(&mut self) {
        if !self.look(WATCHDOG) {
            self.check.fail("readiness to be reported", "silence for a minute");
        }
    }

    /// Waits until something is reported to one of two.
    pub(crate) fn turn_either(first: &mut Self, second: &mut Self) {
        let looks = WATCHDOG.as_millis() / BRIEF.as_millis();
        if !(0..looks).any(|_| first.look(BRIEF) || second.look(Duration::ZERO)) {
            first.check.fail("readiness to be reported", "silence for a minute");
        }
    }

    /// Takes over what is reported within this time; whether there was anything, or a signal.
    fn look(&mut self, time: Duration) -> bool {
        match self.poll.poll(&mut self.events, Some(time)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return true,
            outcome => self.check.ok(outcome, "a working event loop"),
        }
        for event in &self.events {
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.edges.add(event.token().0, Readiness::Readable);
            }
            if event.is_writable() || event.is_write_closed() || event.is_error() {
                self.edges.add(event.token().0, Readiness::Writable);
            }
        }
        !self.events.is_empty()
    }

    fn new_token(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn wait_for(&self, token: usize, interest: Interest) -> Wait<'_> {
        Wait::new(self.poll.registry(), Notifier::new(Arc::<Edges>::clone(&self.edges), token), interest)
    }
}
