//! What callers who wait take out of the inboxes, threads and futures alike. With it each says whether there is more for the
//! next; nothing where it is still to come.

use hubless_protocol::patterns::Key;

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

    /// Takes at least one and at most `most` messages of the socket's own inbox, and makes of each what the caller gets.
    pub(super) fn take_many<T>(
        &mut self,
        most: usize,
        make: impl Fn(Received<O>) -> T,
    ) -> Option<(Vec<T>, bool)> {
        let there = if self.wait_queue.bars(Want::MESSAGE) { 0 } else { self.inboxes.socket.len() };
        let count = there.min(most);
        if count == 0 {
            return None;
        }
        let mut taken = Vec::with_capacity(count);
        taken.extend(std::iter::from_fn(|| self.pop()).take(count).map(make));
        Some((taken, !self.inboxes.socket.is_empty()))
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
