//! Receiving in a loop.

use std::fmt;
use std::iter::FusedIterator;

use super::traits::RecvSocket;
use crate::error::Error;

/// Receives for ever: made by `iter()` of a socket, or by a loop over `&socket`. It waits for each message as `recv` does, and ends
/// at the first error: [`Error::Closed`] when the socket is closed, or [`Error::Timeout`] when the option
/// [`recv_timeout`](crate::Builder::recv_timeout) passes without a message. [`error`](Self::error) says which it was.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Error, Pull, Push};
///
/// let pull = Pull::builder().recv_timeout(Duration::from_millis(100)).build()?;
/// let push = Push::new()?;
/// push.dial(pull.listen("inproc://iter-example")?.address())?;
/// push.send_many(["a", "b"])?;
///
/// let mut jobs = pull.iter();
/// for job in &mut jobs {
///     println!("{job:?}");
/// }
/// assert!(matches!(jobs.error(), Some(Error::Timeout { .. })));
///
/// for job in &pull { // the same, where nobody asks why it ends
///     println!("{job:?}");
/// }
/// # Ok::<(), Error>(())
/// ```
#[must_use = "an iterator does nothing unless it is asked for something"]
pub struct Iter<'a, S> {
    socket: &'a S,
    error: Option<Error>,
}

impl<'a, S: RecvSocket> Iter<'a, S> {
    pub(crate) fn new(socket: &'a S) -> Self {
        Self { socket, error: None }
    }

    /// The error that has ended it; nothing while it goes on.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The same, where only the error is wanted any more.
    pub fn into_error(self) -> Option<Error> {
        self.error
    }
}

impl<S: RecvSocket> Iterator for Iter<'_, S> {
    type Item = S::Incoming;

    fn next(&mut self) -> Option<Self::Item> {
        if self.error.is_some() {
            return None;
        }
        self.socket.recv().map_err(|error| self.error = Some(error)).ok()
    }
}

impl<S: RecvSocket> FusedIterator for Iter<'_, S> {}

impl<S> fmt::Debug for Iter<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("error", &self.error).finish_non_exhaustive()
    }
}
