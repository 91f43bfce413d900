//! The memory that all sockets of a context may use for messages together.
//!
//! A socket counts its bytes under its own lock and takes its share of the budget in large pieces, so that a message
//! costs no shared counter.
//!
//! **Shares.** A *queue* is what waits to leave through a pipe, or what has come by a pipe and was not taken by the
//! user, a half message included. It may grow as long as it is no larger than what is free afterwards: a ratio decides,
//! and nobody has to know how many there are. n queues that grow together settle at one part of n + 1 each, and one
//! part stays free for the next to come. Of those that come one after the other, and keep what they have, each takes
//! half of what is left, so a dozen leave next to nothing. Therefore each pipe has a *reserve* for itself, each way:
//! small messages pass whatever the others hold. Reserves are set aside when pipes come, up to half of the limit
//! (`budget.rs`), so that any number of idle pipes leaves the other half to larger messages. What a `Req` keeps to send
//! again belongs to each of its queues that leave, and what peers have left behind to each that arrives. But a request
//! that is sent again is not counted against itself, and one that is kept beyond the limit is not counted against the
//! others: it has its own place. What a dead peer left unsent stays counted while it waits for another peer; it is
//! counted against no queue, for nothing newer is sent before it.
//!
//! **Beyond the limit** goes one message in each direction of a socket (`overcommit.rs`): one larger than any quota, to
//! a pipe with nothing queued, or behind what is queued where it has waited, or from a pipe of which nothing waits for
//! the user. What is here of that one (`arriving.rs`, `pipe/leaving.rs`, a request that is kept, a message that came
//! back) is no part of what is drawn, or one that stands still would leave nothing for the others. So nobody waits for
//! it to leave but who wants its place, or its queue.
//!
//! What follows from it, which `tests/models/src/memory` and `tests/memory*.rs` look at:
//! * The bound: what is counted stays below the limit, the first piece of each socket, those two messages of each, and
//!   the reserves for which half of the limit is not enough.
//! * Getting on: who is refused waits for a queue that somebody empties, or for the place beyond the limit. Its holder
//!   finishes, or is found too slow (`socket/liveness.rs`), or waits for the user who receives; or it is a request that
//!   is kept to be sent again, which has the place until it is answered or given up. Nobody judges that one: nothing of
//!   it is under way, and to drop it would break the promise to send it again. The user bounds it, by a deadline or by
//!   dropping it. Nobody waits for memory that its own receiving holds: what leaves has a place that what arrives
//!   cannot take.
//! * Large and small: one that waits with a large message keeps no smaller one from what fits, and goes beyond the
//!   limit behind those when its turn has come (`core.rs`). The place is free again when that message has left,
//!   whatever is behind it.
//! * Notices of memory: one that is refused has said that it wants memory (`counter.rs`), and while somebody does, each
//!   piece that comes back is announced to every background thread, which looks whom that is enough for
//!   (`rationing.rs`).

use std::sync::Arc;

use super::budget::Budget;
use super::overcommit::{Excess, Finishing};

/// What a socket draws from the budget at a time. It has the first such piece for itself, so that a socket with little
/// to do never touches the budget.
pub(crate) const PIECE: usize = 64 * 1024;
/// Unused pieces that a socket keeps, so that one at a border does not go to and fro.
const SPARE: usize = 4;
/// What each pipe has for itself, each way, whatever the others hold: where the memory is full, small messages still
/// pass.
pub(crate) const RESERVE: usize = 1024;

/// What one socket has of the budget beyond its own piece, and who goes beyond the limit. Guarded by the socket's lock.
#[expect(clippy::struct_excessive_bools, reason = "each is set and cleared by itself; no two make one state")]
#[derive(Debug)]
pub(crate) struct Quota {
    budget: Arc<Budget>,
    /// What may be used: the pieces, and what is beyond the limit.
    granted: usize,
    used: usize,
    /// Of `used`: what is set aside for pipes.
    aside: usize,
    /// Of `used`: what is beyond the limit. No piece is drawn for it, so it leaves the others what they had.
    beyond: usize,
    /// Of `used`: requests that are kept to be sent again, but for the one beyond the limit.
    kept: usize,
    /// Of `used`: messages that came back from pipes that are gone and that the pattern keeps until another takes them.
    returned: usize,
    /// Of `returned`: the message that waits beyond the limit.
    returned_beyond: usize,
    /// Of `used`: what has come by pipes that are gone and was not taken.
    orphaned: usize,
    /// What is being sent is the request with this key once more.
    pub(crate) resends: Option<u32>,
    /// That was refused before, and has waited: it goes beyond the limit though something is queued.
    pub(crate) resends_again: bool,
    /// The request with this key was refused when it was to be sent again, and waits for memory.
    pub(crate) refused: Option<u32>,
    /// The message that leaves beyond the limit.
    pub(crate) excess: Excess,
    /// A send has found room at a pipe and no memory for a message of its size, since this was cleared.
    pub(crate) lacking: bool,
    /// What is being sent has waited: it goes beyond the limit though something is queued.
    pub(crate) insists: bool,
    /// The movement of the pipe with room that has last taken something: one that insists leaves by that.
    pub(crate) moved_last: u64,
    /// A count of movements, by which pipes are compared: not a time.
    moves: u64,
    /// The message that arrives beyond the limit.
    pub(crate) finishing: Finishing,
    /// Answers that nobody takes keep a pipe from being read.
    pub(crate) hoards: bool,
    /// Somebody waits for what has come back: that must be announced, after unlocking.
    relieved: bool,
}

impl Quota {
    pub(crate) fn of(budget: Arc<Budget>) -> Self {
        Self {
            budget,
            granted: PIECE,
            used: 0,
            aside: 0,
            beyond: 0,
            kept: 0,
            returned: 0,
            returned_beyond: 0,
            orphaned: 0,
            resends: None,
            resends_again: false,
            refused: None,
            excess: Excess::default(),
            lacking: false,
            insists: false,
            moved_last: 0,
            moves: 0,
            finishing: Finishing::default(),
            hoards: false,
            relieved: false,
        }
    }

    /// Whether a queue that holds so much, and what the socket keeps, may have `more`, seen from the counter of the
    /// context alone. If not, [`has_room`](Self::has_room) knows exactly.
    #[inline]
    pub(crate) fn fits(&self, held: usize, more: usize) -> bool {
        self.budget.counter.holds(held.saturating_add(self.kept).saturating_add(more.saturating_mul(2)))
    }

    /// Whether a queue that holds so much may have `more`: it is then no larger than what is free.
    pub(crate) fn has_room(&self, held: usize, more: usize) -> bool {
        self.has_room_beside(held, more, 0)
    }

    /// The same for a message of which so much is counted already, because it is kept.
    pub(crate) fn has_room_beside(&self, held: usize, more: usize, own: usize) -> bool {
        held.saturating_add(more.saturating_mul(2)) <= self.free().saturating_add(own)
    }

    /// How much a queue that holds so much may grow.
    pub(crate) fn room(&self, held: usize) -> usize {
        self.free().saturating_sub(held) / 2
    }

    /// What is free for this socket: of the context, and of what it has drawn itself. A piece that was drawn beyond the
    /// limit for a reserve is free for nobody.
    fn free(&self) -> usize {
        self.budget.counter.free_with(self.granted.saturating_sub(self.used))
    }

    /// Somebody waits for memory. It must look once more afterwards.
    #[cold]
    pub(crate) fn want(&self) {
        self.budget.counter.want();
    }

    #[inline]
    pub(crate) fn add(&mut self, bytes: usize) {
        self.used += bytes;
        if self.used > self.granted {
            self.draw();
        }
    }

    #[inline]
    pub(crate) fn subtract(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
        let spare = self.granted - self.used;
        if spare > PIECE
            && (spare > SPARE * PIECE || self.used <= self.aside || self.budget.counter.is_wanted())
        {
            self.give_back();
        }
    }

    /// There is one more pipe, or one less. Each may use its reserve, even where that could not be set aside.
    pub(crate) fn set_aside(&mut self, pipes: usize) {
        let aside = self.budget.set_aside(self.aside, pipes * 2 * RESERVE);
        let before = std::mem::replace(&mut self.aside, aside);
        self.add(self.aside.saturating_sub(before));
        self.subtract(before.saturating_sub(self.aside));
    }

    /// A pipe has taken something; the number of that movement.
    #[inline]
    pub(crate) fn moved(&mut self) -> u64 {
        self.moves += 1;
        self.moves
    }

    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// What is kept of requests, beside what is queued.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// A request is kept; `beyond` says whether it goes beyond the limit.
    pub(crate) fn keep(&mut self, bytes: usize, beyond: bool) {
        if beyond {
            self.goes_beyond(0, bytes);
        } else {
            self.kept += bytes;
        }
        self.add(bytes);
    }

    /// A request that is kept goes beyond the limit, now that it is sent again.
    pub(crate) fn keep_beyond(&mut self, bytes: usize) {
        self.kept = self.kept.saturating_sub(bytes);
        self.subtract_beyond(0, (0, bytes));
    }

    /// A request is kept no longer; `beyond` says whether it went beyond the limit.
    pub(crate) fn forget(&mut self, bytes: usize, beyond: bool) {
        if beyond {
            self.subtract_beyond(bytes, (bytes, 0));
            self.give_back_excess();
        } else {
            self.subtract(bytes);
            self.kept = self.kept.saturating_sub(bytes);
        }
    }

    /// Messages that came back take so much from now on: one is there more, or one less, which is about to be queued
    /// again. No piece is given back for that one, because as much must then be there. One for which there is no memory
    /// waits beyond the limit.
    pub(crate) fn keep_returned(&mut self, bytes: usize) {
        let before = std::mem::replace(&mut self.returned, bytes);
        let more = bytes.saturating_sub(before);
        let waits_beyond = more > 0 && !self.has_room(0, more) && self.excess.take(None, false);
        self.take_out(before);
        // Which one is queued again is not said: one at least as large is taken for the one that waits beyond.
        if before.saturating_sub(bytes) >= self.returned_beyond || bytes < self.returned_beyond {
            self.end_waiting_beyond();
        }
        if waits_beyond {
            self.returned_beyond = more;
            self.goes_beyond(0, more);
        }
        self.add(bytes);
    }

    /// The message that came back and waits beyond the limit is sent again, for which it may take the place anew, or is
    /// let go of.
    fn end_waiting_beyond(&mut self) {
        let beyond = std::mem::take(&mut self.returned_beyond);
        if beyond > 0 {
            self.excess.make_way();
            self.goes_beyond(beyond, 0);
        }
    }

    /// Whether messages that came back wait for a pipe.
    pub(crate) fn keeps_returned(&self) -> bool {
        self.returned > 0
    }

    /// Messages that came back are no longer the pattern's, and still counted: so much.
    pub(crate) fn hand_out_returned(&mut self) -> usize {
        self.end_waiting_beyond();
        std::mem::take(&mut self.returned)
    }

    /// What was counted as queued is about to be counted as something else.
    pub(crate) fn take_out(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }

    /// What peers who are gone have left here.
    pub(crate) fn orphaned(&self) -> usize {
        self.orphaned
    }

    /// A peer is gone and has left so much; it is still counted.
    pub(crate) fn leave_behind(&mut self, bytes: usize) {
        self.orphaned += bytes;
    }

    /// Some of what was left behind is taken.
    pub(crate) fn take_up(&mut self, bytes: usize) {
        self.orphaned = self.orphaned.saturating_sub(bytes);
    }

    /// A message that went beyond the limit has left, or is gone.
    pub(crate) fn give_back_excess(&mut self) {
        self.relieved |= self.excess.give_back();
    }

    /// Whether there is relief to be announced.
    #[inline]
    pub(crate) fn is_relieved(&self) -> bool {
        self.relieved
    }

    /// The budget whose relief is to be announced, if it is; asked once.
    #[inline]
    pub(crate) fn take_relief(&mut self) -> Option<Arc<Budget>> {
        std::mem::take(&mut self.relieved).then(|| Arc::clone(&self.budget))
    }

    /// Of what one queue uses so much was beyond the limit, and so much is.
    #[cold]
    pub(crate) fn goes_beyond(&mut self, before: usize, now: usize) {
        self.beyond = self.beyond - before + now;
        self.granted = self.granted - before + now;
        if self.used > self.granted {
            self.draw();
        }
    }

    /// So much is used no more, by a queue of which `before` was beyond the limit and `now` is. In this order, so that
    /// no piece is given back that is taken again at once.
    #[cold]
    pub(crate) fn subtract_beyond(&mut self, bytes: usize, (before, now): (usize, usize)) {
        self.take_out(bytes);
        self.goes_beyond(before, now);
        self.subtract(0);
    }

    #[cold]
    fn draw(&mut self) {
        let more = (self.used - self.granted).next_multiple_of(PIECE);
        self.granted += more;
        self.budget.counter.take(more);
    }

    #[cold]
    fn give_back(&mut self) {
        let keep = self.used.saturating_sub(self.beyond).next_multiple_of(PIECE).max(PIECE);
        let back = self.granted.saturating_sub(self.beyond + keep);
        self.granted -= back;
        self.relieved |= self.budget.counter.give_back(back);
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        self.budget.set_aside(self.aside, 0);
        if self.budget.counter.give_back(self.granted - self.beyond - PIECE) {
            self.budget.announce();
        }
    }
}

#[cfg(test)]
#[path = "quota/tests.rs"]
mod tests;
