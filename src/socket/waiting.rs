//! What the futures see of a socket, whatever its pattern.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::{CloseReport, Completion, WaitSlot};
use crate::error::Error;

/// Where a future can wait.
pub(crate) trait Waits {
    /// The future that may wait in this slot is dropped.
    fn leave(&self, slot: &mut WaitSlot);
}

/// Where peers come and go.
pub(crate) trait Meets: Waits + Sync {
    fn poll_peers(&self, slot: &mut WaitSlot, context: &Context<'_>, count: usize)
    -> Poll<Result<(), Error>>;
}

/// Where a `T` is received, or several at a time.
pub(crate) trait Receives<T>: Waits + Send + Sync {
    fn poll_recv(&self, slot: &mut WaitSlot, context: &Context<'_>) -> Poll<Result<T, Error>>;

    fn poll_recv_many(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        max: usize,
    ) -> Poll<Result<Vec<T>, Error>>;
}

/// Where an `M` is sent. With an error it is what it was.
pub(crate) trait Sends<M>: Waits + Send + Sync {
    fn poll_send(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        message: &mut M,
    ) -> Poll<Result<(), Error>>;

    /// Sends those of the batch for which there is room; how many.
    fn poll_send_many(
        &self,
        slot: &mut WaitSlot,
        context: &Context<'_>,
        batch: &mut [M],
    ) -> Poll<Result<usize, Error>>;
}

/// Where a socket is closed.
pub(crate) trait Closes: Sync {
    /// Begins it: what becomes of it.
    fn begin_close(&self, timeout: Duration) -> Result<Arc<Completion<CloseReport>>, Error>;
}

/// What is waited at belongs to the one who waits.
pub(crate) struct Own<T>(pub(crate) T);

impl<T> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A hold on something at which one can wait, and the slot there; leaves it when dropped.
pub(crate) struct Waiting<S>
where
    S: Deref<Target: Waits>,
{
    pub(crate) at: S,
    pub(crate) slot: WaitSlot,
}

impl<S: Deref<Target: Waits>> Waiting<S> {
    pub(crate) fn at(at: S) -> Self {
        Self { at, slot: WaitSlot::default() }
    }
}

impl<S: Deref<Target: Waits>> Drop for Waiting<S> {
    fn drop(&mut self) {
        self.at.leave(&mut self.slot);
    }
}

impl<S: Deref<Target: Waits>> fmt::Debug for Waiting<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("slot", &self.slot).finish_non_exhaustive()
    }
}
