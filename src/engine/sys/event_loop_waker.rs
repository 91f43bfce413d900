//! Wakes a thread that sleeps in an event loop.
//!
//! A waker is a descriptor that is written to, and the system may refuse that for good. So there is a second way, which shares
//! no call with the first: a descriptor that is always ready is registered with the event loop, and registered again each time.
//! It costs nothing until it is needed. Where both fail, the sleeper looks by itself after [`LONGEST_SLEEP`].

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Poll, Registry, Token, Waker};

use super::sync::{Mutex, yield_now};

/// How long anybody sleeps in an event loop at most.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(10);
/// Attempts each way: the system may refuse one for no lasting reason.
const ATTEMPTS: usize = 8;

/// The waker of one event loop.
#[derive(Debug)]
pub(crate) struct EventLoopWaker {
    registry: Registry,
    waker: Waker,
    token: Token,
    /// Ready for ever, because its other end is closed. Made when the waker fails.
    ready: Mutex<Option<UnixStream>>,
}

impl EventLoopWaker {
    /// The loop reports a wake-up under this token.
    pub(crate) fn new(poll: &Poll, token: Token) -> io::Result<Self> {
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(&registry, token)?;
        Ok(Self { registry, waker, token, ready: Mutex::default() })
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    #[inline]
    pub(crate) fn wake(&self) -> io::Result<()> {
        self.waker.wake().or_else(|_| self.wake_again())
    }

    #[cold]
    fn wake_again(&self) -> io::Result<()> {
        insist(|| self.waker.wake()).or_else(|_| insist(|| self.wake_by_registration()))
    }

    /// To register a descriptor that is ready is an event, also where it was reported before.
    fn wake_by_registration(&self) -> io::Result<()> {
        let mut ready = self.ready.lock();
        if let Some(ready) = &*ready {
            let raw = ready.as_raw_fd();
            return self.registry.reregister(&mut SourceFd(&raw), self.token, Interest::READABLE);
        }
        let (new, _) = UnixStream::pair()?;
        self.registry.register(&mut SourceFd(&new.as_raw_fd()), self.token, Interest::READABLE)?;
        *ready = Some(new);
        Ok(())
    }
}

fn insist(mut step: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let mut outcome = step();
    for _ in 1..ATTEMPTS {
        if outcome.is_ok() {
            break;
        }
        yield_now();
        outcome = step();
    }
    outcome
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mio::Events;
    use mio::event::Event;

    use super::*;
    use crate::engine::sys::sync::start_thread;

    const TOKEN: Token = Token(7);

    /// Has another thread wake it, while this one sleeps or is about to.
    fn is_heard(wake: fn(&EventLoopWaker) -> io::Result<()>) {
        let mut poll = Poll::new().expect("an event loop");
        let waker = Arc::new(EventLoopWaker::new(&poll, TOKEN).expect("a waker"));
        let mut events = Events::with_capacity(4);
        for _ in 0..50 {
            let waker = Arc::clone(&waker);
            let ring = move || {
                yield_now();
                wake(&waker).expect("a wake-up");
            };
            start_thread("wakes".into(), ring).expect("a thread");
            poll.poll(&mut events, Some(Duration::from_secs(60))).expect("events");
            assert!(events.iter().map(Event::token).eq([TOKEN]), "it slept on: {events:?}");
            poll.poll(&mut events, Some(Duration::ZERO)).expect("events");
            assert!(events.is_empty(), "a wake-up is heard once: {events:?}");
        }
    }

    #[test]
    fn each_wake_up_wakes_the_sleeper_once() {
        is_heard(EventLoopWaker::wake);
    }

    #[test]
    fn each_wake_up_wakes_the_sleeper_once_when_the_waker_has_failed() {
        is_heard(EventLoopWaker::wake_by_registration);
    }
}
