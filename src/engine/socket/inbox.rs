//! Messages that have arrived and wait for their receiver.

use std::collections::VecDeque;

use hubless_protocol::patterns::{Ending, IdMap, Key, PipeId, Share};
use hubless_transport::Message;

use super::keyed::{Keyed, Numbered};
use super::untaken::Untaken;

/// A message with where it came from, as a pattern tells it. The body is first, so that it is moved in the same pieces alone
/// and in here: what was just stored in other pieces is not at hand until it has reached the cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Received<O> {
    pub(crate) body: Message,
    pub(super) pipe: PipeId,
    pub(crate) origin: O,
}

impl<O> Received<O> {
    /// Octets of memory that it takes.
    pub(super) fn cost(&self) -> usize {
        self.body.len() + size_of::<Self>()
    }
}

/// The inbox of a socket and those of its open requests or surveys.
#[derive(Debug)]
pub(super) struct Inboxes<O> {
    pub(super) socket: VecDeque<Received<O>>,
    keyed: IdMap<Keyed<O>>,
    /// Who asks now waits for the answer in the same call.
    expects: bool,
    /// How many answers have come.
    answers: u64,
    /// Their order, while some are dropped.
    untaken: Option<Box<Untaken>>,
    /// What it cost to find that, all in all.
    #[cfg(test)]
    searched: usize,
}

/// An answer that was taken.
#[derive(Debug)]
pub(crate) struct Taken<O> {
    pub(crate) received: Received<O>,
    /// There will be no other; the inbox is closed.
    pub(crate) last: bool,
}

/// What a request or survey came to: an answer, or what ended it when there will be none.
pub(crate) type Answered<O> = Result<Taken<O>, Ending>;

/// What the inbox of a request or survey has.
#[derive(Debug)]
pub(super) enum Answer<O> {
    Message(Taken<O>),
    Ended(Ending),
    NotYet,
}

impl<O> Inboxes<O> {
    pub(super) fn new() -> Self {
        Self {
            socket: VecDeque::new(),
            keyed: IdMap::default(),
            expects: false,
            answers: 0,
            untaken: None,
            #[cfg(test)]
            searched: 0,
        }
    }

    pub(super) fn open(&mut self, key: Key, limit: usize, kept: usize, beyond: bool) {
        self.keyed.insert(key, Keyed::open(limit, kept, beyond, u32::from(self.expects)));
    }

    /// Whether those who ask from now on wait for the answer in the same call.
    #[inline]
    pub(super) fn expect(&mut self, expects: bool) {
        self.expects = expects;
    }

    /// A future begins to wait for what comes for this one, or no longer does.
    pub(super) fn count_taker(&mut self, key: Key, begins: bool) {
        if let Some(inbox) = self.keyed.get_mut(&key) {
            inbox.takers = if begins { inbox.takers + 1 } else { inbox.takers.saturating_sub(1) };
        }
    }

    /// What is kept of a request that is to be sent again.
    pub(super) fn kept(&mut self, key: Key) -> Option<&mut Keyed<O>> {
        self.keyed.get_mut(&key).filter(|inbox| inbox.kept > 0)
    }

    /// Whether this one is open, or what came of it has not been taken.
    #[inline]
    pub(super) fn has(&self, key: Key) -> bool {
        self.keyed.contains_key(&key)
    }

    /// Whether it fitted.
    pub(super) fn deliver(&mut self, key: Key, received: Received<O>) -> bool {
        match self.keyed.get_mut(&key) {
            Some(inbox) if inbox.len() < inbox.limit => {
                let pipe = received.pipe;
                inbox.push(Numbered { received, number: self.answers });
                self.came(key, pipe);
                true
            }
            _ => false,
        }
    }

    /// An answer is in its inbox, by this pipe.
    #[inline]
    fn came(&mut self, key: Key, pipe: PipeId) {
        if let Some(untaken) = &mut self.untaken {
            untaken.came(pipe, self.answers, key);
        }
        self.answers += 1;
    }

    /// An answer was taken, or is thrown away with its inbox.
    #[cold]
    #[inline(never)]
    fn went(&mut self, pipe: PipeId, number: u64) {
        if let Some(untaken) = &mut self.untaken {
            untaken.went(pipe, number);
            if untaken.is_idle() {
                self.untaken = None;
            }
        }
    }

    /// The same for one of several answers, of which one peer may have no more than its share.
    pub(super) fn deliver_share(&mut self, key: Key, received: Received<O>, share: Share) -> bool {
        let Some(inbox) = self.keyed.get_mut(&key) else { return false };
        let account = share.asked.then_some(received.pipe);
        let waiting = inbox.shares.get(&account).copied().unwrap_or_default();
        let has_place = (share.asked && waiting == 0) || inbox.len() < inbox.limit;
        if waiting >= share.most || !has_place {
            return false;
        }
        inbox.shares.insert(account, waiting + 1);
        let pipe = received.pipe;
        inbox.push(Numbered { received, number: self.answers });
        self.came(key, pipe);
        true
    }

    /// Nothing more will come; the octets that were kept for it, and whether they went beyond the limit of memory.
    pub(super) fn finish(&mut self, key: Key, ending: Ending) -> (usize, bool) {
        let Some(inbox) = self.keyed.get_mut(&key) else { return (0, false) };
        inbox.ending = Some(ending);
        (std::mem::take(&mut inbox.kept), std::mem::take(&mut inbox.beyond))
    }

    /// Drops the oldest of the answers that came by this pipe and that nobody takes, of those with this number or a later one; its number, too.
    /// An answer has a taker if its inbox has, or is `awaited`, and it is the next there. One that was all there was to come is lost
    /// with its peer, as far as its request knows.
    pub(super) fn drop_answer(
        &mut self,
        pipe: PipeId,
        from: u64,
        awaited: impl Fn(Key) -> bool,
    ) -> Option<(u64, Received<O>)> {
        if self.untaken.is_none() {
            self.order_answers();
        }
        let keyed = &self.keyed;
        let has_taker = |number, key| {
            let next = |inbox: &&Keyed<O>| inbox.first.as_ref().is_some_and(|first| first.number == number);
            let inbox = keyed.get(&key).filter(next);
            inbox.is_some_and(|inbox| inbox.takers > 0 || awaited(key))
        };
        let (number, key) = self.untaken.as_mut()?.drop_first(pipe, from, has_taker)?;
        let inbox = self.keyed.get_mut(&key)?;
        let dropped = inbox.remove(number);
        inbox.give_back_share(pipe);
        if inbox.limit == 1 && inbox.ending == Some(Ending::Complete) {
            inbox.ending = Some(Ending::PeerLost);
        }
        dropped.map(|dropped| (number, dropped))
    }

    #[cold]
    fn order_answers(&mut self) {
        let places = |(key, inbox): (&Key, &Keyed<O>)| {
            let key = *key;
            let places = inbox.numbered().map(|answer| (answer.received.pipe, answer.number));
            places.map(move |place| (place, key)).collect::<Vec<_>>()
        };
        let untaken = Untaken::of(self.keyed.len(), self.keyed.iter().flat_map(places));
        #[cfg(test)]
        {
            self.searched += untaken.cost();
        }
        self.untaken = Some(Box::new(untaken));
    }

    /// What was delivered comes first, then the ending.
    pub(super) fn take(&mut self, key: Key) -> Answer<O> {
        let Some(inbox) = self.keyed.get_mut(&key) else { return Answer::Ended(Ending::Complete) };
        match (inbox.pop(), inbox.ending) {
            (Some(Numbered { received, number }), ending) => {
                let last = inbox.len() == 0 && ending == Some(Ending::Complete);
                if last {
                    self.keyed.remove(&key);
                }
                if self.untaken.is_some() {
                    self.went(received.pipe, number);
                }
                Answer::Message(Taken { received, last })
            }
            (None, Some(ending)) => Answer::Ended(ending),
            (None, None) => Answer::NotYet,
        }
    }

    /// Whether `take` would give a message or an ending. That the last message was taken is an ending too, for whoever waits
    /// beside the one who took it.
    pub(super) fn answers(&self, key: Key) -> bool {
        self.keyed.get(&key).is_none_or(|inbox| inbox.first.is_some() || inbox.ending.is_some())
    }

    /// Closes an inbox; what was left in it.
    pub(super) fn close(&mut self, key: Key) -> Option<Keyed<O>> {
        let left = self.keyed.remove(&key)?;
        if self.untaken.is_some() {
            for answer in left.numbered() {
                self.went(answer.received.pipe, answer.number);
            }
        }
        Some(left)
    }

    /// Memory of what nobody has taken.
    pub(super) fn octets(&self) -> usize {
        let kept: usize = self.keyed.values().map(|inbox| inbox.kept).sum();
        kept + self.socket.iter().chain(self.untaken()).map(Received::cost).sum::<usize>()
    }

    /// The answers to requests or surveys that nobody has taken.
    pub(super) fn untaken(&self) -> impl Iterator<Item = &Received<O>> {
        self.keyed.values().flat_map(Keyed::iter)
    }

    /// Messages that nobody has taken.
    pub(super) fn len(&self) -> usize {
        self.socket.len() + self.keyed.values().map(Keyed::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = 7;

    fn pipe(slot: u32) -> PipeId {
        PipeId { slot, number: 100 + slot }
    }

    fn came(inboxes: &mut Inboxes<()>, slot: u32, share: Share) -> bool {
        inboxes.deliver_share(KEY, Received { body: "x".into(), pipe: pipe(slot), origin: () }, share)
    }

    fn taken(inboxes: &mut Inboxes<()>) -> Option<u32> {
        match inboxes.take(KEY) {
            Answer::Message(taken) => Some(taken.received.pipe.slot),
            _ => None,
        }
    }

    #[test]
    fn an_inbox_is_there_until_what_came_has_been_taken() {
        let mut inboxes = Inboxes::new();
        inboxes.open(KEY, 1, 0, false);
        assert!(inboxes.deliver(KEY, Received { body: "x".into(), pipe: pipe(0), origin: () }));
        inboxes.finish(KEY, Ending::Complete);
        assert!(inboxes.has(KEY));
        assert_eq!(taken(&mut inboxes), Some(0));
        assert!(!inboxes.has(KEY));
    }

    fn answer(inboxes: &mut Inboxes<()>, key: Key, slot: u32, number: u32) {
        let body = number.to_be_bytes().as_slice().into();
        assert!(inboxes.deliver(key, Received { body, pipe: pipe(slot), origin: () }));
        inboxes.finish(key, Ending::Complete);
    }

    fn dropped(inboxes: &mut Inboxes<()>, slot: u32) -> Option<u32> {
        let (_, dropped) = inboxes.drop_answer(pipe(slot), 0, |_| false)?;
        assert_eq!(dropped.pipe, pipe(slot));
        Some(u32::from_be_bytes(dropped.body[..].try_into().unwrap()))
    }

    #[test]
    fn of_the_answers_of_a_peer_the_one_that_waits_longest_is_dropped_first() {
        const COUNT: u32 = 1000;
        let mut inboxes = Inboxes::new();
        // They come in another order than they were asked for, and by turns from two peers.
        let key = |number: u32| number * 7 % COUNT;
        for number in 0..COUNT {
            inboxes.open(key(number), 1, 0, false);
            answer(&mut inboxes, key(number), number % 2, number);
        }
        for number in 0..COUNT / 2 {
            assert_eq!(dropped(&mut inboxes, 0), Some(2 * number));
            assert!(matches!(inboxes.take(key(2 * number)), Answer::Ended(Ending::PeerLost)));
            // One that is taken is not dropped, and one that comes meanwhile is dropped last.
            let taken = COUNT / 2 + 2 * number + 1;
            if taken < COUNT {
                assert!(matches!(inboxes.take(key(taken)), Answer::Message(_)));
            }
            inboxes.open(COUNT + number, 1, 0, false);
            answer(&mut inboxes, COUNT + number, 1, COUNT + number);
        }
        assert_eq!(dropped(&mut inboxes, 0), None);
        let odd = (0..COUNT / 2).filter(|number| number % 2 == 1);
        for number in odd.chain(COUNT..COUNT + COUNT / 2) {
            assert_eq!(dropped(&mut inboxes, 1), Some(number));
        }
        assert_eq!((dropped(&mut inboxes, 1), inboxes.len()), (None, 0));
    }

    /// Drops answers one at a time, each time another has come, beside many requests that are not answered. What was searched.
    fn searched(count: u32) -> usize {
        let mut inboxes = Inboxes::new();
        for key in 0..2 * count {
            inboxes.open(key, 1, 0, false);
        }
        for number in 0..count {
            answer(&mut inboxes, number, 0, number);
            if number % 3 > 0 {
                assert_eq!(dropped(&mut inboxes, 0), Some(number));
            } else {
                // This one is taken, so there are times in which nothing waits.
                assert!(matches!(inboxes.take(number), Answer::Message(_)));
            }
        }
        inboxes.searched
    }

    #[test]
    fn dropping_one_answer_after_the_other_searches_once_however_many_requests_are_open() {
        for count in [100, 10_000] {
            let searched = searched(count);
            assert!(searched <= 4 * count as usize, "{searched} for {count}");
        }
    }

    #[test]
    fn while_no_answer_is_dropped_their_order_is_forgotten() {
        let mut inboxes = Inboxes::new();
        for number in 0..100 {
            inboxes.open(number, 1, 0, false);
            answer(&mut inboxes, number, 0, number);
        }
        assert_eq!(dropped(&mut inboxes, 0), Some(0));
        assert!(inboxes.untaken.is_some());
        for number in 100..300 {
            inboxes.open(number, 1, 0, false);
            answer(&mut inboxes, number, 0, number);
            inboxes.take(number);
        }
        assert!(inboxes.untaken.is_none());
        assert_eq!(dropped(&mut inboxes, 0), Some(1));
    }

    #[test]
    fn of_the_answers_to_a_survey_those_of_a_peer_that_wait_longest_are_dropped_first() {
        let mut inboxes = Inboxes::new();
        inboxes.open(KEY, 100, 0, false);
        let share = Share { asked: true, most: 50 };
        for number in 0..20_u32 {
            let body = number.to_be_bytes().as_slice().into();
            let received = Received { body, pipe: pipe(number % 2), origin: () };
            assert!(inboxes.deliver_share(KEY, received, share));
        }
        assert_eq!(taken(&mut inboxes), Some(0));
        assert_eq!([1, 0, 1, 0].map(|slot| dropped(&mut inboxes, slot)), [1, 2, 3, 4].map(Some));
        inboxes.close(KEY);
        assert_eq!([0, 1].map(|slot| dropped(&mut inboxes, slot)), [None; 2]);
    }

    #[test]
    fn of_the_answers_that_have_a_taker_only_those_behind_the_next_are_dropped() {
        let mut inboxes = Inboxes::new();
        inboxes.open(KEY, 9, 0, false);
        for _ in 0..2 {
            assert!(came(&mut inboxes, 0, Share { asked: true, most: 9 }));
        }
        inboxes.expect(true);
        inboxes.open(1, 1, 0, false);
        inboxes.expect(false);
        inboxes.open(2, 1, 0, false);
        inboxes.count_taker(2, true);
        answer(&mut inboxes, 1, 0, 3);
        answer(&mut inboxes, 2, 0, 4);
        let mut drop_from =
            |from| inboxes.drop_answer(pipe(0), from, |key| key == KEY).map(|(number, _)| number);
        assert_eq!([0, 2].map(&mut drop_from), [Some(1), None], "the second answer to the survey");
        inboxes.count_taker(2, false);
        let dropped =
            [0, 0].map(|from| inboxes.drop_answer(pipe(0), from, |key| key == KEY).map(|(number, _)| number));
        assert_eq!(dropped, [Some(3), None], "nobody takes it any more");
    }

    #[test]
    fn each_peer_has_its_share_and_gets_it_back_as_its_answers_are_taken() {
        let mut inboxes = Inboxes::new();
        inboxes.open(KEY, 6, 0, false);
        let (own, other) = (Share { asked: true, most: 2 }, Share { asked: false, most: 2 });
        assert_eq!([(); 3].map(|()| came(&mut inboxes, 0, own)), [true, true, false]);
        assert_eq!([8, 9, 8].map(|slot| came(&mut inboxes, slot, other)), [true, true, false]);
        assert_eq!([(); 3].map(|()| came(&mut inboxes, 1, own)), [true, true, false]);
        // All are used up, but one that was asked and has none there has a place.
        assert_eq!([(); 2].map(|()| came(&mut inboxes, 2, own)), [true, false]);
        assert_eq!([(); 3].map(|()| taken(&mut inboxes)), [Some(0), Some(0), Some(8)]);
        assert_eq!([0, 0, 0].map(|slot| came(&mut inboxes, slot, own)), [true, true, false]);
        assert_eq!([8, 9].map(|slot| came(&mut inboxes, slot, other)), [false, false]);
        while taken(&mut inboxes).is_some() {}
        assert!(inboxes.keyed[&KEY].shares.is_empty());
        assert_eq!([9, 9, 9].map(|slot| came(&mut inboxes, slot, other)), [true, true, false]);
    }
}
