//! A monitor: what a user holds who observes the events of a socket.

use std::fmt;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::{Duration, Instant};

use super::control::until::Until;
use super::control::worker_handle::WorkerHandle;
use super::core::Want;
use super::readiness::Observable;
use super::ready::Ready;
use super::sys::clock::Clock;
use super::wait::event_queue::{EventQueue, EventSlot, Next};
use super::wait::readiness::ReadinessSignal;
use super::wait::wait_queue::Ticket;
use crate::error::{Error, WaitingFor};
use crate::monitor::{Event, EventKind};

/// Watches a socket: every event from the moment it was made, in order, to the socket's end. Every socket makes any number of
/// them with `monitor()`; each gets everything.
///
/// The events wait in a queue of its own, bounded by 1000 or by what `monitor_with_capacity()` was given. When nobody takes
/// them the oldest are dropped, and [`EventKind::Lost`] says in their place how many; nothing else ever waits for a monitor. It
/// does not keep its socket open. Once dropped it costs nothing more. All methods take `&self`; threads and futures that share one
/// monitor get each event once. It can be waited for in a [`Poller`](crate::Poller), too.
///
/// ```
/// use std::time::Duration;
/// use hubless::monitor::{EventKind, Removal};
/// use hubless::{Pull, Push};
///
/// let (pull, push) = (Pull::new()?, Push::new()?);
/// let monitor = pull.monitor();
/// let at = pull.listen("tcp://127.0.0.1:0")?;
/// push.dial(at.address())?;
/// push.send("job")?;
/// assert_eq!(pull.recv()?, "job");
/// push.close(Duration::from_secs(1))?;
/// pull.close(Duration::from_secs(1))?;
/// for event in monitor.iter() {
///     println!("{event}"); // 2026-11-30T18:04:05.123Z listening at tcp://127.0.0.1:40123
///     if let EventKind::Removed { removal, traffic, .. } = event.kind {
///         assert!(matches!(removal, Removal::PeerLeft | Removal::SocketClosed));
///         assert_eq!(traffic.received, 1);
///     }
/// }
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Monitor(Arc<Events>);

/// The events of one monitor, as a waiter holds them.
pub(crate) struct Events {
    queue: Arc<EventQueue<Event>>,
    worker: Arc<WorkerHandle>,
    clock: Clock,
}

impl Monitor {
    pub(super) fn new(queue: Arc<EventQueue<Event>>, worker: Arc<WorkerHandle>, clock: Clock) -> Self {
        Self(Arc::new(Events { queue, worker, clock }))
    }

    /// The next event, waiting for it as long as it takes.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`EventKind::Closed`] was taken; [`Error::Dead`]; [`Error::Forked`].
    pub fn recv(&self) -> Result<Event, Error> {
        self.0.take(&Until::Forever)
    }

    /// The next event, if there is one now.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is none; otherwise as [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Event, Error> {
        self.0.check()?;
        self.0.queue.try_take().map_or(Err(Error::Empty), |next| self.0.event(next))
    }

    /// The next event, waiting for it at most `timeout`.
    ///
    /// # Errors
    /// [`Error::Timeout`]; otherwise as [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Event, Error> {
        self.0.take(&Until::after(self.0.clock, Some(timeout)))
    }

    /// The next event, waiting for it until `deadline` at the latest.
    ///
    /// # Errors
    /// [`Error::Timeout`]; otherwise as [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Event, Error> {
        self.0.take(&Until::deadline(self.0.clock, deadline))
    }

    /// A descriptor that is readable while [`try_recv`](Self::try_recv) is worth a try: see [`Ready`].
    ///
    /// # Errors
    /// [`Error::System`] when there are no descriptors left; [`Error::Forked`].
    pub fn recv_ready(&self) -> Result<Ready, Error> {
        self.0.check()?;
        Ready::new(self.observed(), Want::MESSAGE)
    }

    /// What others wait for.
    pub(crate) fn events(&self) -> Arc<Events> {
        Arc::clone(&self.0)
    }

    pub(crate) fn observed(&self) -> Arc<dyn Observable> {
        self.events()
    }
}

impl Events {
    pub(crate) fn poll_recv(
        &self,
        slot: &mut EventSlot,
        context: &task::Context<'_>,
    ) -> Poll<Result<Event, Error>> {
        if let Err(error) = self.check() {
            return Poll::Ready(Err(error));
        }
        self.queue
            .poll_take(slot, context.waker())
            .map_or(Poll::Pending, |next| Poll::Ready(self.event(next)))
    }

    /// A future is dropped that may have waited.
    pub(crate) fn leave(&self, slot: &mut EventSlot) {
        if self.check().is_ok() {
            self.queue.leave(slot);
        }
    }

    fn take(&self, until: &Until) -> Result<Event, Error> {
        self.check()?;
        let next = self.queue.take(until);
        next.map_or_else(|| Err(until.timed_out(WaitingFor::Event)), |next| self.event(next))
    }

    /// What happened before the background thread died is still told.
    fn check(&self) -> Result<(), Error> {
        if self.worker.is_forked() { Err(Error::Forked) } else { Ok(()) }
    }

    fn event(&self, next: Next<Event>) -> Result<Event, Error> {
        match next {
            Next::Event(event) => Ok(event),
            Next::Lost(count) => Ok(Event { at: self.clock.system_time(), kind: EventKind::Lost(count) }),
            Next::Over => Err(self.worker.check().err().unwrap_or(Error::Closed)),
        }
    }
}

impl Observable for Events {
    fn subscribe(&self, _: Want, signal: Arc<ReadinessSignal>) -> Option<Ticket> {
        if self.worker.is_forked() {
            signal.change(true);
            signal.report();
            return None;
        }
        Some(Ticket(self.queue.subscribe(signal)))
    }

    fn unsubscribe(&self, signal: Ticket) {
        if self.check().is_ok() {
            self.queue.unsubscribe(signal.0);
        }
    }

    fn is_ready(&self, _: Want, _: Ticket) -> bool {
        self.check().is_err() || self.queue.is_ready()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

// Here and not beside the queue, whose file is compiled for the model checker too, with locks that are for models only.
#[cfg(test)]
mod tests {
    use super::super::wait::event_queue::{EventQueue, Next};

    #[test]
    fn a_full_queue_drops_its_oldest_and_says_in_their_place_how_many() {
        let queue = EventQueue::new(2);
        for event in 1..=5 {
            assert!(queue.put(event).is_empty());
        }
        assert_eq!(queue.try_take(), Some(Next::Lost(3)));
        assert_eq!(queue.try_take(), Some(Next::Event(4)));
        assert!(queue.put(6).is_empty());
        assert!(queue.put(7).is_empty());
        assert_eq!(queue.try_take(), Some(Next::Lost(1)));
        assert_eq!(queue.try_take(), Some(Next::Event(6)));
        assert_eq!(queue.try_take(), Some(Next::Event(7)));
        assert_eq!(queue.try_take(), None);
    }

    #[test]
    fn what_was_put_in_before_the_end_is_taken_before_it() {
        let queue = EventQueue::new(0);
        assert!(queue.put(1).is_empty());
        assert!(queue.end().is_empty());
        assert!(queue.put(2).is_empty());
        assert_eq!(queue.try_take(), Some(Next::Event(1)));
        assert_eq!(queue.try_take(), Some(Next::Over));
        assert_eq!(queue.try_take(), Some(Next::Over));
    }
}
