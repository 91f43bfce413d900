//! Messages that have arrived and wait for their receiver.

use std::collections::{BTreeMap, VecDeque};

use hubless_transport::Message;

use crate::patterns::{Ending, IdMap, Key, PipeId, Share};

/// A message with where it came from, as a pattern tells it. The body is first, so that it is moved in the same pieces alone
/// and in here: what was just stored in other pieces is not at hand until it has reached the cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Received<O> {
    pub(crate) body: Message,
    pub(crate) pipe: PipeId,
    pub(crate) origin: O,
}

impl<O> Received<O> {
    /// Octets of memory that it takes.
    pub(crate) fn cost(&self) -> usize {
        self.body.len() + size_of::<Self>()
    }
}

/// The inbox of a socket and those of its open requests or surveys.
#[derive(Debug)]
pub(crate) struct Inboxes<O> {
    pub(crate) socket: VecDeque<Received<O>>,
    keyed: IdMap<Keyed<O>>,
}

/// The inbox of a request or survey.
#[derive(Debug)]
pub(crate) struct Keyed<O> {
    /// The oldest, apart from the others because most often there is but one.
    first: Option<Received<O>>,
    others: VecDeque<Received<O>>,
    limit: usize,
    /// How many answers wait of each peer that has a share, and under none of all others together.
    shares: BTreeMap<Option<PipeId>, usize>,
    ending: Option<Ending>,
    /// Octets that the pattern keeps for this.
    pub(crate) kept: usize,
    /// They went beyond the limit of memory.
    pub(crate) beyond: bool,
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
pub(crate) enum Answer<O> {
    Message(Taken<O>),
    Ended(Ending),
    NotYet,
}

impl<O> Inboxes<O> {
    pub(crate) fn new() -> Self {
        Self { socket: VecDeque::new(), keyed: IdMap::default() }
    }

    pub(crate) fn open(&mut self, key: Key, limit: usize, kept: usize, beyond: bool) {
        let keyed = Keyed {
            first: None,
            others: VecDeque::new(),
            limit,
            shares: BTreeMap::new(),
            ending: None,
            kept,
            beyond,
        };
        self.keyed.insert(key, keyed);
    }

    /// What is kept of a request that is to be sent again.
    pub(crate) fn kept(&mut self, key: Key) -> Option<&mut Keyed<O>> {
        self.keyed.get_mut(&key).filter(|inbox| inbox.kept > 0)
    }

    /// Whether this one is open, or what came of it has not been taken.
    #[inline]
    pub(crate) fn has(&self, key: Key) -> bool {
        self.keyed.contains_key(&key)
    }

    /// Whether it fitted.
    pub(crate) fn deliver(&mut self, key: Key, received: Received<O>) -> bool {
        match self.keyed.get_mut(&key) {
            Some(inbox) if inbox.len() < inbox.limit => {
                inbox.push(received);
                true
            }
            _ => false,
        }
    }

    /// The same for one of several answers, of which one peer may have no more than its share.
    pub(crate) fn deliver_share(&mut self, key: Key, received: Received<O>, share: Share) -> bool {
        let Some(inbox) = self.keyed.get_mut(&key) else { return false };
        let account = share.asked.then_some(received.pipe);
        let waiting = inbox.shares.get(&account).copied().unwrap_or_default();
        let has_place = (share.asked && waiting == 0) || inbox.len() < inbox.limit;
        if waiting >= share.most || !has_place {
            return false;
        }
        inbox.shares.insert(account, waiting + 1);
        inbox.push(received);
        true
    }

    /// Nothing more will come; the octets that were kept for it, and whether they went beyond the limit of memory.
    pub(crate) fn finish(&mut self, key: Key, ending: Ending) -> (usize, bool) {
        let Some(inbox) = self.keyed.get_mut(&key) else { return (0, false) };
        inbox.ending = Some(ending);
        (std::mem::take(&mut inbox.kept), std::mem::take(&mut inbox.beyond))
    }

    /// Drops an answer that came by this pipe and that nobody has taken. One that was all there was to come is lost with
    /// its peer, as far as its request knows.
    pub(crate) fn drop_answer(&mut self, pipe: PipeId) -> Option<Received<O>> {
        let came = |inbox: &&mut Keyed<O>| inbox.iter().any(|received| received.pipe == pipe);
        let inbox = self.keyed.values_mut().find(came)?;
        let mut answers: VecDeque<_> = std::iter::from_fn(|| inbox.remove_first()).collect();
        let dropped =
            answers.iter().position(|received| received.pipe == pipe).and_then(|at| answers.remove(at));
        for received in answers {
            inbox.push(received);
        }
        inbox.give_back_share(pipe);
        if inbox.limit == 1 && inbox.ending == Some(Ending::Complete) {
            inbox.ending = Some(Ending::PeerLost);
        }
        dropped
    }

    /// What was delivered comes first, then the ending.
    pub(crate) fn take(&mut self, key: Key) -> Answer<O> {
        let Some(inbox) = self.keyed.get_mut(&key) else { return Answer::Ended(Ending::Complete) };
        match (inbox.pop(), inbox.ending) {
            (Some(received), ending) => {
                let last = inbox.len() == 0 && ending == Some(Ending::Complete);
                if last {
                    self.keyed.remove(&key);
                }
                Answer::Message(Taken { received, last })
            }
            (None, Some(ending)) => Answer::Ended(ending),
            (None, None) => Answer::NotYet,
        }
    }

    /// Whether `take` would give a message or an ending. That the last message was taken is an ending too, for whoever waits
    /// beside the one who took it.
    pub(crate) fn answers(&self, key: Key) -> bool {
        self.keyed.get(&key).is_none_or(|inbox| inbox.first.is_some() || inbox.ending.is_some())
    }

    /// Closes an inbox; what was left in it.
    pub(crate) fn close(&mut self, key: Key) -> Option<Keyed<O>> {
        self.keyed.remove(&key)
    }

    /// Memory of what nobody has taken.
    pub(crate) fn octets(&self) -> usize {
        let kept: usize = self.keyed.values().map(|inbox| inbox.kept).sum();
        kept + self.socket.iter().chain(self.untaken()).map(Received::cost).sum::<usize>()
    }

    /// The answers to requests or surveys that nobody has taken.
    pub(crate) fn untaken(&self) -> impl Iterator<Item = &Received<O>> {
        self.keyed.values().flat_map(Keyed::iter)
    }

    /// Messages that nobody has taken.
    pub(crate) fn len(&self) -> usize {
        self.socket.len() + self.keyed.values().map(Keyed::len).sum::<usize>()
    }
}

impl<O> Keyed<O> {
    /// What is kept and counts against others.
    pub(crate) fn kept_within(&self) -> usize {
        if self.beyond { 0 } else { self.kept }
    }

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    fn push(&mut self, received: Received<O>) {
        match self.first {
            None => self.first = Some(received),
            Some(_) => self.others.push_back(received),
        }
    }

    fn pop(&mut self) -> Option<Received<O>> {
        let popped = self.remove_first();
        if !self.shares.is_empty()
            && let Some(received) = &popped
        {
            self.give_back_share(received.pipe);
        }
        popped
    }

    fn remove_first(&mut self) -> Option<Received<O>> {
        let next = self.others.pop_front();
        std::mem::replace(&mut self.first, next)
    }

    fn give_back_share(&mut self, pipe: PipeId) {
        let account = Some(pipe).filter(|pipe| self.shares.contains_key(&Some(*pipe)));
        if let Some(waiting) = self.shares.get_mut(&account) {
            *waiting -= 1;
            if *waiting == 0 {
                self.shares.remove(&account);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Received<O>> {
        self.first.iter().chain(&self.others)
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
