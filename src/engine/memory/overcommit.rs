//! Who may go beyond the limit of memory: of each socket one message that leaves, and one that arrives.
//!
//! Without that, a message larger than any share would wait for ever, and a full context would stand still. Each of the two
//! places has one holder at a time. It is given back when the message has left, or was taken by the user; while others wait for
//! it the holder is judged (`socket/liveness.rs`), so nobody keeps it by being slow. A request that is kept to be sent again has it until it is
//! answered or given up, and is judged only while it is under way: how long it may take to be answered is the user's to say.

use std::cmp::Reverse;
use std::time::Duration;

use hubless_protocol::patterns::Time;

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
    /// Takes the place for a message, which others may share if its body is shared. One that `waits` wants it where it is taken;
    /// one that is dropped instead wants nothing.
    pub(crate) fn take(&mut self, body: Option<(usize, usize)>, waits: bool) -> bool {
        let same = body.is_some() && body == self.body;
        if self.holders > 0 && !same {
            self.wanted |= waits;
            return false;
        }
        self.wanted &= self.holders > 0;
        (self.body, self.fresh) = (body, true);
        self.holders += 1;
        true
    }

    /// Whether a message with this body would take the place, given back by one of its holders before if that `leaves`.
    pub(crate) fn would_take(&self, body: (usize, usize), leaves: bool) -> bool {
        self.holders <= usize::from(leaves) || self.body == Some(body)
    }

    /// One that waits wants the place if another has it.
    pub(crate) fn want(&mut self) {
        self.wanted |= self.holders > 0;
    }

    /// Whether no message has it.
    pub(crate) fn is_free(&self) -> bool {
        self.holders == 0
    }

    /// Nobody waits for it any more.
    pub(crate) fn is_wanted_no_more(&mut self) {
        self.wanted = false;
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
    pub(super) fn give_back(&mut self) -> bool {
        self.holders = self.holders.saturating_sub(1);
        self.fresh = false;
        self.holders == 0 && std::mem::take(&mut self.wanted)
    }

    /// The holder is about to take it again, under the same lock, or to go to where there is memory. Who waits for it is told of room then.
    pub(super) fn make_way(&mut self) {
        self.holders = self.holders.saturating_sub(1);
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
    pub(crate) bytes: usize,
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
            let bytes = if by_size { pipe.bytes } else { 0 };
            (pipe.ending, bytes, Reverse(distance(pipe.slot)))
        })?;
        if !by_size {
            self.round = next.slot;
        }
        Some(next)
    }
}

/// Within this a holder must be done from the first look that finds its place wanted: that look comes five seconds later at most,
/// which makes a minute.
const WITHIN: Duration = Duration::from_secs(55);

/// Looks closer together than this count as one: a thread that was held up looks twice in a row, and nothing can have moved.
const APART: Duration = Duration::from_secs(2);

/// How a holder has to get on while others want its place: in a straight line from what was missing when that was found to
/// nothing at `end`. The end does not move while it is the same message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    message: u64,
    since: Time,
    end: Time,
    /// The last look that counted.
    looked: Time,
    /// What was missing then; nothing where the length of the message had not come yet.
    missing: Option<usize>,
}

impl Plan {
    /// The plan after one more look, at which so much is missing of this message; `Err` if that is more than planned.
    pub(crate) fn look(
        before: Option<Self>,
        now: Time,
        message: u64,
        missing: Option<usize>,
    ) -> Result<Self, ()> {
        let Some(before) = before.filter(|before| before.message == message) else {
            return Ok(Self { message, since: now, end: now.after(WITHIN), looked: now, missing });
        };
        if now.since(before.looked) < APART && now < before.end {
            return Ok(before);
        }
        match (before.missing, missing) {
            (Some(_), Some(missing)) if missing <= before.may_miss(now) => Ok(Self { looked: now, ..before }),
            (None, Some(_)) if now < before.end => Ok(Self { since: now, looked: now, missing, ..before }),
            _ => Err(()),
        }
    }

    /// How much may be missing at this time.
    fn may_miss(self, now: Time) -> usize {
        let (left, whole) = (self.end.since(now).as_nanos(), self.end.since(self.since).as_nanos());
        let planned = self.missing.unwrap_or(0) as u128 * left.min(whole) / whole.max(1);
        usize::try_from(planned).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the figures are small"
)]
mod tests {
    use super::*;

    fn waiting(slot: u32, ending: bool, bytes: usize) -> Waiting {
        Waiting { slot, ending, bytes }
    }

    #[test]
    fn one_message_has_the_place_and_those_of_a_broadcast_share_it() {
        let mut excess = Excess::default();
        assert!(excess.take(Some((7, 100)), true) && excess.take(Some((7, 100)), true));
        assert!(
            !excess.take(None, false) && !excess.is_wanted(),
            "a message that is dropped waits for nothing"
        );
        assert!(!excess.take(None, true) && !excess.take(Some((8, 100)), true) && excess.is_wanted());
        assert!(!excess.give_back());
        assert!(excess.give_back(), "somebody waits");
        assert!(excess.take(None, true) && !excess.is_wanted());
        assert!(!excess.take(None, true), "two messages without a shared body are not one");
    }

    #[test]
    fn a_request_that_is_kept_has_the_place_until_it_ends() {
        let mut excess = Excess::default();
        assert!(!excess.keep(), "it was not beyond the limit");
        assert!(excess.take(None, true) && excess.keep() && !excess.keep());
        assert!(!excess.give_back());
        assert!(!excess.take(None, true));
        // It is sent again, twice, and those leave.
        excess.share();
        excess.share();
        assert!(!excess.give_back() && !excess.give_back() && !excess.take(None, true));
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

    /// Looks every five seconds at one of which so much is missing then; after how many seconds it was too slow.
    fn ends(missing: impl Fn(u64) -> Option<usize>) -> Option<u64> {
        let mut plan = None;
        for second in (0..=600).step_by(5) {
            match Plan::look(plan, Time(second * 1_000_000_000), 1, missing(second)) {
                Ok(next) => plan = Some(next),
                Err(()) => return Some(second),
            }
        }
        None
    }

    #[test]
    fn a_holder_is_done_or_found_too_slow_within_a_minute_however_it_drips() {
        const WHOLE: usize = 16 << 20;
        // Five seconds may pass before the first look.
        let limit = WITHIN.as_secs();
        for part in 1..200_u32 {
            // At each look a part of what is missing has come since the last.
            let rest = |second: u64| WHOLE as f64 * (1.0 - 1.0 / f64::from(part)).powf(second as f64 / 5.0);
            let end = ends(|second| Some(rest(second) as usize));
            assert!(end.is_some_and(|end| end <= limit) || rest(limit) < 1.0, "{part}: {end:?}");
        }
        for missing in [1, 2, 30_000, WHOLE] {
            assert_eq!(ends(|_| Some(missing)), Some(5), "it stands still at {missing}");
        }
        assert_eq!(ends(|second| Some(usize::from(second < 55))), Some(5));
    }

    #[test]
    fn a_second_look_at_once_finds_nothing_slow() {
        let begun = Plan::look(None, Time(0), 1, Some(1000)).unwrap();
        let second = 1_000_000_000;
        let early = Plan::look(Some(begun), Time(second), 1, Some(1000));
        assert_eq!(early, Ok(begun));
        assert!(Plan::look(Some(begun), Time(5 * second), 1, Some(1000)).is_err());
    }

    #[test]
    fn a_holder_that_is_done_in_time_is_kept() {
        for bytes in [55, 550, 55 << 18] {
            let steady = |second: u64| Some(bytes - bytes * second.min(55) as usize / 55);
            assert_eq!(ends(steady), None, "{bytes}");
        }
        // 30 KiB at 2 KiB a second.
        assert_eq!(ends(|second| Some((30 * 1024_usize).saturating_sub(2048 * second as usize))), None);
        let next = Plan::look(None, Time(0), 1, Some(10)).unwrap();
        assert!(Plan::look(Some(next), Time(u64::MAX), 2, Some(10)).is_ok(), "that is another message");
        assert!(Plan::look(Some(next), Time(u64::MAX), 1, Some(1)).is_err());
    }

    #[test]
    fn the_length_of_a_message_may_come_later_and_moves_no_end() {
        let known = |from: u64| move |second: u64| (second >= from).then_some(60);
        assert_eq!(ends(known(5)), Some(10), "then it stands still");
        assert_eq!(ends(known(10)), Some(5), "two looks without a length");
        let late = |second: u64| (second >= 5).then(|| 100 - (second as usize - 5));
        assert_eq!(ends(late), Some(10), "a minute would not be enough");
    }
}
