use std::fmt;

use crate::Message;

/// What `send_many` did not send, in order: first what it had taken from the iterator, at most 64 messages, then what is
/// still in there. Nothing is lost; it can be handed to `send_many` again.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Push, SendError};
///
/// let push = Push::builder().send_timeout(Duration::ZERO).build()?;
/// let jobs = (1..=100).map(|n| n.to_string());
/// let SendError { message: unsent, .. } = push.send_many(jobs).unwrap_err();
/// assert_eq!(unsent.count(), 100); // nobody was there to take them
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Unsent<I, M = Message> {
    /// The last is the first to be sent.
    pub(crate) taken: Vec<M>,
    pub(crate) rest: I,
}

impl<M, I: Iterator<Item: Into<M>>> Iterator for Unsent<I, M> {
    type Item = M;

    fn next(&mut self) -> Option<M> {
        self.taken.pop().or_else(|| self.rest.next().map(Into::into))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.rest.size_hint();
        let taken = self.taken.len();
        (least.saturating_add(taken), most.and_then(|most| most.checked_add(taken)))
    }
}

impl<I, M> fmt::Debug for Unsent<I, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent").field("taken", &self.taken.len()).finish_non_exhaustive()
    }
}
