//! Monitors as futures, as streams, and in pollers.

use std::fmt;
use std::iter::FusedIterator;
use std::pin::Pin;
#[cfg(feature = "futures")]
use std::sync::Arc;
use std::task::{Context, Poll};

use super::CanRecv;
use super::poller::sealed::{Receiving, Subject};
#[cfg(feature = "futures")]
use crate::engine::Events;
use crate::engine::{EventSlot, Monitor, Want};
use crate::error::Error;
use crate::monitor::Event;

impl Monitor {
    /// All events, waiting for each. Ends with the first error of [`recv`](Self::recv), so after [`EventKind::Closed`](crate::monitor::EventKind::Closed); the iterator
    /// has that error. A loop over `&monitor` does the same.
    pub fn iter(&self) -> EventIter<'_> {
        EventIter { monitor: self, error: None }
    }

    /// The next event as a [future](crate::future): without a time limit of its own. Dropped at any time it loses nothing.
    ///
    /// ```
    /// use hubless::Pull;
    /// use hubless::monitor::EventKind;
    ///
    /// let pull = Pull::new()?;
    /// let monitor = pull.monitor();
    /// pull.listen("inproc://monitor-async-example")?;
    /// let event = pollster::block_on(monitor.recv_async())?;
    /// assert!(matches!(event.kind, EventKind::Listening { .. }));
    /// # Ok::<(), hubless::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`] after [`EventKind::Closed`](crate::monitor::EventKind::Closed) was taken; [`Error::Dead`]; [`Error::Forked`].
    pub fn recv_async(&self) -> RecvEvent<'_> {
        RecvEvent { monitor: self, slot: EventSlot::default() }
    }

    /// The events as a stream, which has a hold of its own on them and ends as [`iter`](Self::iter) does. Of the cargo feature
    /// `futures`.
    #[cfg(feature = "futures")]
    pub fn stream(&self) -> EventStream {
        EventStream { events: self.events(), slot: EventSlot::default() }
    }
}

/// The events of a [`Monitor`], to the error that ends them: made by [`Monitor::iter`].
#[derive(Debug)]
#[must_use = "an iterator does nothing unless it is asked for something"]
pub struct EventIter<'a> {
    monitor: &'a Monitor,
    error: Option<Error>,
}

impl EventIter<'_> {
    /// The error that has ended it, [`Error::Closed`] where nothing went wrong; nothing while it goes on.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

impl Iterator for EventIter<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.error.is_some() {
            return None;
        }
        self.monitor.recv().map_err(|error| self.error = Some(error)).ok()
    }
}

impl FusedIterator for EventIter<'_> {}

impl<'a> IntoIterator for &'a Monitor {
    type Item = Event;
    type IntoIter = EventIter<'a>;

    fn into_iter(self) -> EventIter<'a> {
        self.iter()
    }
}

/// Receives one event of a [`Monitor`].
#[must_use = "a future does nothing unless it is polled"]
pub struct RecvEvent<'a> {
    monitor: &'a Monitor,
    slot: EventSlot,
}

impl Future for RecvEvent<'_> {
    type Output = Result<Event, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { monitor, slot } = &mut *self;
        monitor.events().poll_recv(slot, context)
    }
}

impl Drop for RecvEvent<'_> {
    fn drop(&mut self) {
        self.monitor.events().leave(&mut self.slot);
    }
}

impl fmt::Debug for RecvEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecvEvent")
    }
}

/// The events of a [`Monitor`] as a stream, of the cargo feature `futures`. Ends after [`EventKind::Closed`](crate::monitor::EventKind::Closed).
#[cfg(feature = "futures")]
#[must_use = "a stream does nothing unless it is polled"]
pub struct EventStream {
    events: Arc<Events>,
    slot: EventSlot,
}

#[cfg(feature = "futures")]
impl futures_core::Stream for EventStream {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let Self { events, slot } = &mut *self;
        events.poll_recv(slot, context).map(Result::ok)
    }
}

#[cfg(feature = "futures")]
impl Drop for EventStream {
    fn drop(&mut self) {
        self.events.leave(&mut self.slot);
    }
}

#[cfg(feature = "futures")]
impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}

impl CanRecv for Monitor {}

impl Receiving for Monitor {
    fn receiving(&self) -> Subject {
        Subject(self.observed(), Want::MESSAGE)
    }
}
