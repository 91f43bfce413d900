//! The driver: a socket's event loop and what is to be read, owned by the thread that has the seat.

use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use mio::{Events, Poll};

use super::pipe::connection::Pipe;
use super::pipe::pipe_queue::PipeQueue;
use super::sys::clock::Clock;
use super::sys::failures::Failures;
use super::sys::logging::{Level, log_line};
use super::sys::sync::Parker;

/// Events taken from the system in one go.
const EVENTS: usize = 256;
/// The token of the waker in a socket's event loop; pipes have their place and number.
pub(super) const WAKER: mio::Token = mio::Token(usize::MAX);

/// What the holder of the seat works with. Owning it is holding the seat.
#[derive(Debug, Default)]
pub(crate) struct Driver {
    pub(super) system: Option<System>,
    /// Pipes that may have something to read, in turn.
    pub(super) readable: PipeQueue<Arc<Pipe>>,
    /// Pipes that may have room to write again, in turn.
    pub(super) writable: PipeQueue<Arc<Pipe>>,
    /// Futures to be woken after the turn of a pipe.
    pub(super) tasks: Vec<Waker>,
    pub(super) spin: Spin,
}

/// The socket's event loop, made with its first descriptor.
#[derive(Debug)]
pub(super) struct System {
    pub(super) poll: Poll,
    pub(super) events: Events,
    /// Events have been taken and not yet looked at.
    pub(super) polled: bool,
    /// The background thread's event loop watches this one.
    pub(super) registered: bool,
    /// The system refused that so often in a row.
    pub(super) unwatched: Failures,
    /// And to give events.
    pub(super) failures: Failures,
}

impl System {
    pub(super) fn new(poll: Poll) -> Self {
        Self {
            poll,
            events: Events::with_capacity(EVENTS),
            polled: false,
            registered: false,
            unwatched: Failures::default(),
            failures: Failures::default(),
        }
    }

    /// Takes events, waiting for the first at most `limit`; whether there are any.
    pub(super) fn poll_events(&mut self, limit: Option<Duration>) -> bool {
        match self.poll.poll(&mut self.events, limit) {
            Ok(()) => self.failures.end(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.failed(&error, limit),
        }
        self.polled = !self.events.is_empty();
        self.polled
    }

    /// Who was to wait waits all the same, or would ask again and again.
    #[cold]
    fn failed(&mut self, error: &io::Error, limit: Option<Duration>) {
        let pause = self.failures.add(Clock::start().now());
        if self.failures.are_new() {
            log_line!(Level::Error, "the event loop of a socket failed, and is tried again: {error}");
        }
        Parker::current().park(Some(limit.map_or(pause, |limit| limit.min(pause))));
    }
}

impl Driver {
    /// Takes events that are there already; whether there are any.
    pub(super) fn probe(&mut self) -> bool {
        self.system.as_mut().is_some_and(|system| system.poll_events(Some(Duration::ZERO)))
    }

    /// Frees what a quiet socket does not need.
    pub(super) fn rest(&mut self) {
        self.readable.shrink();
        self.writable.shrink();
    }

    /// Lets go of all pipes.
    pub(super) fn let_go(&mut self) -> Vec<Arc<Pipe>> {
        let mut held = Vec::new();
        held.extend(std::iter::from_fn(|| self.readable.pop()));
        held.extend(std::iter::from_fn(|| self.writable.pop()));
        held
    }
}

/// Decides whether looking again for a moment is worth it before going to sleep. A wake from another processor costs
/// some 50 us, so a short look often pays; where it did not, it is skipped ever more often.
#[derive(Debug, Default)]
pub(super) struct Spin {
    failures: u32,
    skip: u32,
}

/// Failures beyond this make it no rarer.
const MOST_FAILURES: u32 = 8;

impl Spin {
    /// Whether to spin this time.
    pub(super) fn is_worth_it(&mut self) -> bool {
        if self.skip == 0 {
            return true;
        }
        self.skip -= 1;
        false
    }

    /// How it went.
    pub(super) fn learn(&mut self, found: bool) {
        if found {
            *self = Self::default();
        } else {
            self.failures = (self.failures + 1).min(MOST_FAILURES);
            self.skip = (1 << self.failures) - 2;
        }
    }
}
