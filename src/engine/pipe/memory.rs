//! The memory that all sockets of a context may use for messages together.
//!
//! A socket counts its octets under its own lock and takes its share of the budget in large pieces, so that a message
//! costs no shared counter.
//!
//! **Shares.** A *queue* is what waits to leave through a pipe, or what has come by a pipe and was not taken by the user, a
//! half message included. It may grow as long as it is no larger than what is free afterwards. So n queues that take all
//! they can settle at one part of n + 1 each, one part stays free for whoever comes next, and no queue starves another;
//! a ratio decides, and nobody has to know how many there are. What a `Req` keeps to send again belongs to each of its queues that leave,
//! and what peers have left behind to each that arrives. But a request that is sent again is not counted against itself,
//! and one that is kept beyond the limit is not counted against the others: it has its own place. What a dead peer left unsent stays
//! counted while it waits for another peer; it is counted against no queue, for nothing newer is sent before it.
//!
//! **Beyond the limit** goes one message in each direction of a socket (`beyond.rs`): one larger than any share, to a
//! pipe with nothing queued, or behind what is queued where it has waited, or from a pipe of which nothing waits for the user.
//!
//! What follows from it, which `simulation` and `tests/memory.rs` look at:
//! * The bound: what is counted stays below the limit, the first piece of each socket, and those two messages of each.
//! * Getting on: who is refused waits for a queue that somebody empties, or for the place beyond the limit. Its holder finishes, or is
//!   found too slow (`socket/liveness.rs`), or waits for the user who receives; or it is a request that is kept to be sent again, which has
//!   the place until it is answered or given up. Nobody judges that one: nothing of it is under way, and to drop it would break the
//!   promise to send it again. The user bounds it, by a deadline or by dropping it. Nobody waits for memory that its own
//!   receiving holds: what leaves has a place that what arrives cannot take.
//! * Large and small: one that waits with a large message keeps no smaller one from what fits, and goes beyond the limit behind
//!   those when its turn has come (`core.rs`). The place is free again when that message has left, whatever is behind it.
//! * Word of memory: whoever is refused has said that it wants memory (`allowance.rs`), and while somebody does, each piece
//!   that comes back is announced to every background thread, which looks whom that is enough for (`rationing.rs`).

use std::fmt;
use std::sync::Arc;

use super::allowance::Allowance;
use super::beyond::{Excess, Finishing};
use super::sys::sync::Mutex;

/// What a socket takes from the budget at a time. It has the first such piece for itself, so that a socket with little
/// to do never touches the budget.
const PIECE: usize = 64 * 1024;
/// Unused pieces that a socket keeps, so that one at a border does not go to and fro.
const SPARE: usize = 4;
/// Is told when memory is free again: a background thread.
pub(crate) trait Relief: Send + Sync + fmt::Debug {
    fn memory_is_free(&self);
}

/// The budget of a context.
#[derive(Debug)]
pub(crate) struct Budget {
    allowance: Allowance,
    waiting: Mutex<Vec<Arc<dyn Relief>>>,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { allowance: Allowance::new(limit), waiting: Mutex::default() }
    }

    /// These are told when memory is free again.
    pub(crate) fn tell(&self, who: Vec<Arc<dyn Relief>>) {
        *self.waiting.lock() = who;
    }

    /// There is memory again: whoever was refused looks whether it is enough.
    pub(crate) fn announce(&self) {
        for who in &*self.waiting.lock() {
            who.memory_is_free();
        }
    }
}

/// What one socket has of the budget beyond its own piece, and who goes beyond the limit. Guarded by the socket's lock.
#[expect(clippy::struct_excessive_bools, reason = "each is set and cleared by itself; no two make one state")]
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    taken: usize,
    used: usize,
    /// Of that, requests that are kept to be sent again, but for the one beyond the limit.
    kept: usize,
    /// What is being sent is the request with this key once more.
    pub(crate) resends: Option<u32>,
    /// That was refused before, and has waited: it goes beyond the limit though something is queued.
    pub(crate) resends_again: bool,
    /// The request with this key was refused when it was to be sent again, and waits for memory.
    pub(crate) refused: Option<u32>,
    /// Of that, messages that came back from pipes that are gone and that the pattern keeps until another takes them.
    returned: usize,
    /// Of that, what has come by pipes that are gone and was not taken.
    orphaned: usize,
    /// The message that leaves beyond the limit.
    pub(crate) excess: Excess,
    /// A send has found room at a pipe and no memory for a message of its size, since this was cleared.
    pub(crate) lacking: bool,
    /// What is being sent has waited: it goes beyond the limit though something is queued.
    pub(crate) insists: bool,
    /// The message that arrives beyond the limit.
    pub(crate) finishing: Finishing,
    /// Answers that nobody takes keep a pipe from being read.
    pub(crate) hoards: bool,
    /// Somebody waits for what has come back: that must be announced, after unlocking.
    relieved: bool,
}

impl Share {
    pub(crate) fn of(budget: Arc<Budget>) -> Self {
        Self {
            budget,
            taken: PIECE,
            used: 0,
            kept: 0,
            resends: None,
            resends_again: false,
            refused: None,
            returned: 0,
            orphaned: 0,
            excess: Excess::default(),
            lacking: false,
            insists: false,
            finishing: Finishing::default(),
            hoards: false,
            relieved: false,
        }
    }

    /// Whether a queue that holds so much, and what the socket keeps, may have `more`, seen from the counter of the context alone. If not,
    /// [`has_room`](Self::has_room) knows exactly.
    #[inline]
    pub(crate) fn fits(&self, held: usize, more: usize) -> bool {
        self.budget.allowance.holds(held.saturating_add(self.kept).saturating_add(more.saturating_mul(2)))
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

    /// What is free for this socket: of the context, and of what it has taken itself.
    fn free(&self) -> usize {
        self.budget.allowance.free() + self.taken.saturating_sub(self.used)
    }

    /// Somebody waits for memory. It must look once more afterwards.
    #[cold]
    pub(crate) fn want(&self) {
        self.budget.allowance.want();
    }

    #[inline]
    pub(crate) fn add(&mut self, octets: usize) {
        self.used += octets;
        if self.used > self.taken {
            self.take();
        }
    }

    #[inline]
    pub(crate) fn subtract(&mut self, octets: usize) {
        self.used = self.used.saturating_sub(octets);
        let spare = self.taken - self.used;
        if spare > PIECE && (spare > SPARE * PIECE || self.used == 0 || self.budget.allowance.is_wanted()) {
            self.give_back();
        }
    }

    /// What is kept of requests, beside what is queued.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// A request is kept; `beyond` says whether it goes beyond the limit.
    pub(crate) fn keep(&mut self, octets: usize, beyond: bool) {
        if !beyond {
            self.kept += octets;
        }
        self.add(octets);
    }

    /// A request that is kept goes beyond the limit, now that it is sent again.
    pub(crate) fn keep_beyond(&mut self, octets: usize) {
        self.kept = self.kept.saturating_sub(octets);
    }

    /// A request is kept no longer; `beyond` says whether it went beyond the limit.
    pub(crate) fn forget(&mut self, octets: usize, beyond: bool) {
        self.subtract(octets);
        if beyond {
            self.give_back_excess();
        } else {
            self.kept = self.kept.saturating_sub(octets);
        }
    }

    /// Messages that came back take so much from now on. No piece is given back: what was taken out is about to be queued again,
    /// and as much must then be there.
    pub(crate) fn keep_returned(&mut self, octets: usize) {
        let before = std::mem::replace(&mut self.returned, octets);
        self.take_out(before);
        self.add(octets);
    }

    /// Whether messages that came back wait for a pipe.
    pub(crate) fn keeps_returned(&self) -> bool {
        self.returned > 0
    }

    /// Messages that came back are no longer the pattern's, and still counted: so much.
    pub(crate) fn hand_out_returned(&mut self) -> usize {
        std::mem::take(&mut self.returned)
    }

    /// What was counted as queued is about to be counted as something else.
    pub(crate) fn take_out(&mut self, octets: usize) {
        self.used = self.used.saturating_sub(octets);
    }

    /// What peers who are gone have left here.
    pub(crate) fn orphaned(&self) -> usize {
        self.orphaned
    }

    /// A peer is gone and has left so much; it is still counted.
    pub(crate) fn leave_behind(&mut self, octets: usize) {
        self.orphaned += octets;
    }

    /// Some of what was left behind is taken.
    pub(crate) fn take_up(&mut self, octets: usize) {
        self.orphaned = self.orphaned.saturating_sub(octets);
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

    #[cold]
    fn take(&mut self) {
        let more = (self.used - self.taken).next_multiple_of(PIECE);
        self.taken += more;
        self.budget.allowance.take(more);
    }

    #[cold]
    fn give_back(&mut self) {
        let keep = self.used.next_multiple_of(PIECE).max(PIECE);
        let back = self.taken.saturating_sub(keep);
        self.taken -= back;
        self.relieved |= self.budget.allowance.give_back(back);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.budget.allowance.give_back(self.taken - PIECE) {
            self.budget.announce();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_may_be_as_large_as_what_is_free_beside_it() {
        let budget = Arc::new(Budget::new(30 * PIECE));
        let mut share = Share::of(Arc::clone(&budget));
        // Three queues that take what they can settle at a fourth each, and as much is free.
        let mut queues = [0; 3];
        let mut grew = true;
        while grew {
            grew = false;
            for queue in &mut queues {
                if share.has_room(*queue, 1000) {
                    share.add(1000);
                    *queue += 1000;
                    grew = true;
                }
            }
        }
        let fourth = 31 * PIECE / 4;
        for part in queues.into_iter().chain([share.free()]) {
            assert!(part.abs_diff(fourth) < 5000, "{queues:?} and {} of {fourth}", share.free());
        }
        assert!(share.fits(0, PIECE) && share.room(0) > 3 * PIECE && share.room(queues[0]) < 5000);
    }

    #[test]
    fn what_is_larger_than_can_be_counted_does_not_fit() {
        let mut share = Share::of(Arc::new(Budget::new(100 * PIECE)));
        share.keep(PIECE, false);
        assert!(!share.fits(usize::MAX / 2, usize::MAX / 2 + 1) && !share.has_room(0, usize::MAX / 2 + 1));
    }

    #[test]
    fn a_request_that_is_kept_counts_against_others_unless_it_is_beyond_the_limit() {
        let mut share = Share::of(Arc::new(Budget::new(10 * PIECE)));
        share.keep(3 * PIECE, false);
        share.keep(4 * PIECE, true);
        assert_eq!((share.kept(), share.used), (3 * PIECE, 7 * PIECE));
        share.keep_beyond(3 * PIECE);
        share.forget(3 * PIECE, true);
        share.forget(4 * PIECE, true);
        assert_eq!((share.kept(), share.used), (0, 0));
    }

    #[test]
    fn messages_that_came_back_are_counted_once_and_moving_them_frees_nothing() {
        let budget = Arc::new(Budget::new(10 * PIECE));
        let mut share = Share::of(Arc::clone(&budget));
        share.add(6 * PIECE);
        share.want();
        // They were queued, then they wait, and one after the other is queued again or refused.
        share.take_out(6 * PIECE);
        share.keep_returned(6 * PIECE);
        for left in [5, 6, 5, 4, 5] {
            let queued = 6 - left;
            share.keep_returned(left * PIECE);
            share.add(queued * PIECE);
            assert_eq!(share.free(), 5 * PIECE);
            share.take_out(queued * PIECE);
        }
        assert!(share.take_relief().is_none(), "nothing has come free");
        assert_eq!(share.hand_out_returned(), 5 * PIECE);
        share.subtract(5 * PIECE);
        assert!(share.take_relief().is_some());
        assert_eq!((share.used, budget.allowance.free()), (0, 10 * PIECE));
    }

    #[test]
    fn memory_that_somebody_waits_for_is_announced_piece_by_piece_and_once_for_each_who_waits() {
        let budget = Arc::new(Budget::new(4 * PIECE));
        let (mut a, b) = (Share::of(Arc::clone(&budget)), Share::of(Arc::clone(&budget)));
        a.add(4 * PIECE);
        a.subtract(2 * PIECE);
        assert_eq!(budget.allowance.free(), PIECE, "nobody waits, and some is kept to spare");
        a.add(2 * PIECE);
        b.want();
        a.subtract(PIECE / 2);
        assert!(a.take_relief().is_none(), "that is no piece yet");
        a.subtract(PIECE);
        assert!(a.take_relief().is_some());
        a.subtract(PIECE);
        assert!(a.take_relief().is_none(), "nobody has been refused since");
        drop((a, b));
        assert_eq!(budget.allowance.free(), 4 * PIECE);
    }

    #[test]
    fn a_socket_at_a_border_does_not_go_to_and_fro() {
        let budget = Arc::new(Budget::new(100 * PIECE));
        let mut share = Share::of(Arc::clone(&budget));
        share.add(2 * PIECE + 1);
        for _ in 0..10 {
            share.subtract(2);
            share.add(2);
            assert_eq!(budget.allowance.free(), 98 * PIECE);
        }
        share.subtract(2 * PIECE + 1);
        assert_eq!(budget.allowance.free(), 100 * PIECE);
    }
}
