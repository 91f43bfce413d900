//! What callers take out of the inboxes, beside the one message that most calls take.

use hubless_transport::Message;

use super::core::State;
use super::inbox::{Answer, Answered};
use crate::patterns::Key;

impl<O> State<O> {
    /// Takes at most `most` messages of the socket's own inbox; how many.
    pub(crate) fn pop_many(&mut self, most: usize, into: &mut Vec<Message>) -> usize {
        let count = self.inboxes.socket.len().min(most);
        into.reserve_exact(count);
        into.extend(std::iter::from_fn(|| self.pop()).take(count).map(|received| received.body));
        count
    }

    /// Takes an answer to the request or survey `key`, or what ended it; nothing if that is still to come.
    pub(crate) fn take_answer(&mut self, key: Key) -> Option<Answered<O>> {
        match self.inboxes.take(key) {
            Answer::Message(taken) => {
                self.memory.subtract(taken.received.cost());
                Some(Ok(taken))
            }
            Answer::Ended(ending) => Some(Err(ending)),
            Answer::NotYet => None,
        }
    }
}
