//! Who may go beyond the limit of memory: of each socket one message that leaves, and one that arrives.
//!
//! Without that, a message larger than any share would wait for ever, and a full context would stand still. Each of the two
//! places has one holder at a time. It is given back when the message has left, or was taken by the user; while others wait for
//! it the holder is judged (`progress.rs`), so nobody keeps it by being slow.

use std::cmp::Reverse;

/// The place of one message that leaves. Those of a broadcast share it, because their body is the same memory; a request that
/// is kept to be sent again has it until it is answered.
#[derive(Debug, Default)]
pub(crate) struct Excess {
    /// Which body has it, where that is shared: its place in memory and its length.
    body: Option<(usize, usize)>,
    holders: usize,
    /// It was taken by the message that is being sent.
    fresh: bool,
    wanted: bool,
}

impl Excess {
    /// Takes the place for a message, which others may share if its body is shared.
    pub(crate) fn take(&mut self, body: Option<(usize, usize)>) -> bool {
        let same = body.is_some() && body == self.body;
        if self.holders > 0 && !same {
            self.wanted = true;
            return false;
        }
        self.wanted &= self.holders > 0;
        (self.body, self.fresh) = (body, true);
        self.holders += 1;
        true
    }

    /// A request that has the place is sent again, with the memory that is kept.
    pub(crate) fn share(&mut self) {
        self.holders += 1;
    }

    /// What was sent last is kept as well. Whether it has the place, which it then has twice.
    pub(crate) fn keep(&mut self) -> bool {
        let kept = std::mem::take(&mut self.fresh) && self.holders > 0;
        self.holders += usize::from(kept);
        kept
    }

    /// A holder needs it no more. Whether the place is free now and somebody waits for it.
    #[must_use]
    pub(crate) fn give_back(&mut self) -> bool {
        self.holders = self.holders.saturating_sub(1);
        self.fresh = false;
        self.holders == 0 && std::mem::take(&mut self.wanted)
    }

    /// Whether somebody waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted
    }
}

/// The place of one message that arrives, which the pipes take in turn.
#[derive(Debug, Default)]
pub(crate) struct Finishing {
    /// The number of the pipe that has it.
    holder: Option<u32>,
    wanted: bool,
    /// How often it was passed on.
    turns: u32,
    /// How far the round is, by the places of the pipes in the table.
    round: u32,
}

/// A pipe that waits for its turn to finish a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) slot: u32,
    /// Its peer has ended: it is done at once.
    pub(crate) ending: bool,
    /// What is here of its message.
    pub(crate) octets: usize,
}

impl Finishing {
    /// Takes the place for the pipe with this number; it may have it already.
    pub(crate) fn take(&mut self, number: u32) -> bool {
        match self.holder {
            Some(holder) if holder != number => {
                self.wanted = true;
                false
            }
            Some(_) => true,
            None => {
                (self.holder, self.wanted) = (Some(number), false);
                true
            }
        }
    }

    /// The pipe with this number has finished or is gone. Whether it had the place and others wait for their turn.
    #[must_use]
    pub(crate) fn end(&mut self, number: u32) -> bool {
        if self.holder != Some(number) {
            return false;
        }
        self.holder = None;
        self.turns = self.turns.wrapping_add(1);
        std::mem::take(&mut self.wanted)
    }

    /// Whether nobody has it.
    pub(crate) fn is_free(&self) -> bool {
        self.holder.is_none()
    }

    /// Whether the pipe with this number has it while others wait.
    pub(crate) fn holds_up(&self, number: u32) -> bool {
        self.wanted && self.holder == Some(number)
    }

    /// Whose turn it is: one whose peer has ended, else by turns the one with most here, whose end frees most, and the
    /// next in a round, so that everybody's turn comes.
    pub(crate) fn next(&mut self, waiting: impl Iterator<Item = Waiting>) -> Option<Waiting> {
        let by_size = self.turns % 2 == 1;
        let distance = |slot: u32| slot.wrapping_sub(self.round).wrapping_sub(1);
        let next = waiting.max_by_key(|pipe| {
            let octets = if by_size { pipe.octets } else { 0 };
            (pipe.ending, octets, Reverse(distance(pipe.slot)))
        })?;
        if !by_size {
            self.round = next.slot;
        }
        Some(next)
    }
}

/// Of how many looks each must show its part of what was missing: a minute, at five seconds each.
const LOOKS: usize = 12;

/// How a holder was found at a look: with which message, and how much of that was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) message: u64,
    pub(crate) missing: usize,
}

impl Look {
    /// Whether so much has come of it since `before` that it will be done within a minute.
    pub(crate) fn gets_on(self, before: Option<Self>) -> bool {
        let Some(before) = before.filter(|before| before.message == self.message) else { return true };
        let came = before.missing.saturating_sub(self.missing);
        came > 0 && came.saturating_mul(LOOKS) >= before.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(slot: u32, ending: bool, octets: usize) -> Waiting {
        Waiting { slot, ending, octets }
    }

    #[test]
    fn one_message_has_the_place_and_those_of_a_broadcast_share_it() {
        let mut excess = Excess::default();
        assert!(excess.take(Some((7, 100))) && excess.take(Some((7, 100))));
        assert!(!excess.take(None) && !excess.take(Some((8, 100))) && excess.is_wanted());
        assert!(!excess.give_back());
        assert!(excess.give_back(), "somebody waits");
        assert!(excess.take(None) && !excess.is_wanted());
        assert!(!excess.take(None), "two messages without a shared body are not one");
    }

    #[test]
    fn a_request_that_is_kept_has_the_place_until_it_ends() {
        let mut excess = Excess::default();
        assert!(!excess.keep(), "it was not beyond the limit");
        assert!(excess.take(None) && excess.keep() && !excess.keep());
        assert!(!excess.give_back());
        assert!(!excess.take(None));
        // It is sent again, twice, and those leave.
        excess.share();
        excess.share();
        assert!(!excess.give_back() && !excess.give_back() && !excess.take(None));
        assert!(excess.give_back());
    }

    #[test]
    fn the_turn_goes_to_the_ended_and_then_by_turns_to_the_largest_and_round() {
        let mut finishing = Finishing::default();
        let pipes = [waiting(0, false, 1), waiting(1, false, 9), waiting(2, false, 5), waiting(3, false, 2)];
        let mut had = Vec::new();
        let mut slot = 0;
        for number in 1..=6 {
            assert!(finishing.take(number) && !finishing.take(99));
            assert!(finishing.end(number));
            slot = finishing.next(pipes.into_iter().filter(|pipe| pipe.slot != slot)).unwrap().slot;
            had.push(slot);
        }
        assert_eq!(had, [1, 2, 1, 3, 1, 0]);
        let ended = [waiting(0, false, 9), waiting(1, true, 1)];
        assert_eq!(finishing.next(ended.into_iter()), Some(ended[1]));
    }

    #[test]
    fn every_pipe_that_waits_gets_its_turn_whatever_the_others_have() {
        let mut finishing = Finishing::default();
        let mut had = std::collections::BTreeSet::new();
        let mut slot = 0;
        for number in 1..=60 {
            assert!(finishing.take(number) && !finishing.take(99) && finishing.end(number));
            // Three of ten always have the most.
            let pipes = (0..10).filter(|pipe| *pipe != slot);
            slot = finishing.next(pipes.map(|pipe| waiting(pipe, false, (pipe / 7) as usize))).unwrap().slot;
            had.insert(slot);
        }
        assert_eq!(had.len(), 10);
    }

    #[test]
    fn one_that_drips_does_not_get_on_and_one_that_ends_within_a_minute_does() {
        let look = |message, missing| Look { message, missing };
        assert!(look(1, 1000).gets_on(None));
        assert!(look(1, 900).gets_on(Some(look(1, 1000))));
        assert!(!look(1, 950).gets_on(Some(look(1, 1000))));
        assert!(!look(1, 1).gets_on(Some(look(1, 1))));
        assert!(look(2, 1000).gets_on(Some(look(1, 1000))), "that is another message");
    }
}
