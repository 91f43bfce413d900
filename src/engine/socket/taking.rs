//! What callers who wait take out of the inboxes, threads and futures alike. With it each says whether there is more
//! for the next; nothing where it is still to come.

use hubless_protocol::patterns::Key;

use super::core::{State, Want};
use super::inbox::{Answer, Answered, Inboxes, Received};
use super::keyed::Keyed;

impl<O: Send> Inboxes<O> {
    /// Takes the oldest message of the socket's own inbox.
    #[allow(clippy::inline_always, reason = "otherwise the message is moved once more")]
    #[inline(always)]
    pub(super) fn pop(&mut self, state: &mut State) -> Option<Received<O>> {
        let received = self.socket.pop_front()?;
        state.taken(received.pipe, received.body.len(), received.cost());
        Some(received)
    }

    /// Takes a message of the socket's own inbox, and makes of it what the caller gets: so it is moved once only.
    #[inline]
    pub(super) fn take_one<T>(
        &mut self,
        state: &mut State,
        make: impl FnOnce(Received<O>) -> T,
    ) -> Option<(T, bool)> {
        if state.wait_queue.bars(Want::MESSAGE) {
            return None;
        }
        let received = self.pop(state)?;
        Some((make(received), !self.socket.is_empty()))
    }

    /// Takes at least one and at most `most` messages of the socket's own inbox, and makes of each what the caller
    /// gets.
    pub(super) fn take_many<T>(
        &mut self,
        state: &mut State,
        most: usize,
        make: impl Fn(Received<O>) -> T,
    ) -> Option<(Vec<T>, bool)> {
        let there = if state.wait_queue.bars(Want::MESSAGE) { 0 } else { self.socket.len() };
        let count = there.min(most);
        if count == 0 {
            return None;
        }
        let mut taken = Vec::with_capacity(count);
        taken.extend(std::iter::from_fn(|| self.pop(state)).take(count).map(make));
        Some((taken, !self.socket.is_empty()))
    }

    /// Takes an answer to the request or survey `key`, or what ended it.
    pub(super) fn take_answer(&mut self, state: &mut State, key: Key) -> Option<(Answered<O>, bool)> {
        let answer = match self.take(key) {
            Answer::Message(taken) => {
                state.answer_taken(taken.received.pipe, taken.received.cost());
                Ok(taken)
            }
            Answer::Ended(ending) => Err(ending),
            Answer::NotYet => {
                state.missed_answer(self);
                return None;
            }
        };
        Some((answer, self.answers(key)))
    }

    /// Nobody waits for the answers of `key` any more. What was left, to be dropped after unlocking.
    pub(super) fn close_answers(&mut self, state: &mut State, key: Key) -> Option<Keyed<O>> {
        let left = self.close(key)?;
        state.memory.forget(left.kept.bytes, left.kept.beyond);
        for received in left.iter() {
            state.answer_taken(received.pipe, received.cost());
        }
        Some(left)
    }
}
