//! What callers who wait take out of the inboxes, threads and futures alike. With it each says whether there is more for the
//! next; nothing where it is still to come.

use hubless_protocol::patterns::Key;
use hubless_transport::Message;

use super::core::{State, Want};
use super::inbox::{Answer, Answered, Received};

impl<O> State<O> {
    /// Takes a message of the socket's own inbox, and makes of it what the caller gets: so it is moved once only.
    #[inline]
    pub(super) fn take_one<T>(&mut self, make: impl FnOnce(Received<O>) -> T) -> Option<(T, bool)> {
        if self.wait_queue.bars(Want::MESSAGE) {
            return None;
        }
        let received = self.pop()?;
        Some((make(received), !self.inboxes.socket.is_empty()))
    }

    /// Takes at least one and at most `most` messages of the socket's own inbox; how many.
    pub(super) fn take_many(&mut self, most: usize, into: &mut Vec<Message>) -> Option<(usize, bool)> {
        let there = if self.wait_queue.bars(Want::MESSAGE) { 0 } else { self.inboxes.socket.len() };
        let count = there.min(most);
        into.reserve_exact(count);
        into.extend(std::iter::from_fn(|| self.pop()).take(count).map(|received| received.body));
        (count > 0).then_some((count, !self.inboxes.socket.is_empty()))
    }

    /// Takes an answer to the request or survey `key`, or what ended it.
    pub(super) fn take_answer(&mut self, key: Key) -> Option<(Answered<O>, bool)> {
        let answer = match self.inboxes.take(key) {
            Answer::Message(taken) => {
                self.answer_taken(taken.received.pipe, taken.received.cost());
                Ok(taken)
            }
            Answer::Ended(ending) => Err(ending),
            Answer::NotYet => {
                self.missed_answer();
                return None;
            }
        };
        Some((answer, self.inboxes.answers(key)))
    }
}
