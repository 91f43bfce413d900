//! Messages that have arrived and wait for their receiver.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use hubless_protocol::patterns::{Ending, IdMap, Key, PipeId, Share};
use hubless_transport::{Message, Peer};

use super::keyed::{Kept, Keyed, Numbered};
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
    /// Bytes of memory that it takes.
    pub(super) fn cost(&self) -> usize {
        self.body.len() + size_of::<Self>()
    }
}

/// The inbox of a socket and those of its open requests or surveys.
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
    /// Who answered a survey.
    pub(crate) peer: Option<Arc<Peer>>,
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

impl<O> fmt::Debug for Inboxes<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inboxes").field("socket", &self.socket.len()).finish_non_exhaustive()
    }
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
                inbox.push(Numbered { received, number: self.answers, peer: None });
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

    /// The same for one of several answers, of which one peer may have no more than its share, and which knows its peer.
    pub(super) fn deliver_share(
        &mut self,
        key: Key,
        received: Received<O>,
        share: Share,
        peer: Option<Arc<Peer>>,
    ) -> bool {
        let Some(inbox) = self.keyed.get_mut(&key) else { return false };
        let account = share.asked.then_some(received.pipe);
        let waiting = inbox.shares.get(&account).copied().unwrap_or_default();
        let has_place = (share.asked && waiting == 0) || inbox.len() < inbox.limit;
        if waiting >= share.most || !has_place {
            return false;
        }
        inbox.shares.insert(account, waiting + 1);
        let pipe = received.pipe;
        inbox.push(Numbered { received, number: self.answers, peer });
        self.came(key, pipe);
        true
    }

    /// Nothing more will come; what was kept for it.
    pub(super) fn finish(&mut self, key: Key, ending: Ending) -> Kept {
        let Some(inbox) = self.keyed.get_mut(&key) else { return Kept::default() };
        inbox.ending = Some(ending);
        std::mem::take(&mut inbox.kept)
    }

    /// Drops the oldest of the answers that came by this pipe and that nobody takes, of those with this number or a later one; its number, too.
    /// An answer has a taker if its inbox has, or is `awaited`, and it is the next there. One that was all there was to come is lost
    /// with its peer, as far as its request knows.
    pub(super) fn drop_answer(
        &mut self,
        pipe: PipeId,
        from: u64,
        awaited: &dyn Fn(Key) -> bool,
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
            (Some(Numbered { received, number, peer }), ending) => {
                let last = inbox.len() == 0 && ending == Some(Ending::Complete);
                if last {
                    self.keyed.remove(&key);
                }
                if self.untaken.is_some() {
                    self.went(received.pipe, number);
                }
                Answer::Message(Taken { received, last, peer })
            }
            (None, Some(ending)) => Answer::Ended(ending),
            (None, None) => Answer::NotYet,
        }
    }

    /// Whether `take` would give a message or an ending. That the last message was taken is an ending too, for one that waits
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
}

/// The inboxes of a socket, whatever comes along with their messages.
pub(crate) trait AnyInboxes: Send + fmt::Debug {
    /// Whether the socket's own has a message.
    fn has_message(&self) -> bool;
    /// Whether `take` would give a message or an ending. That the last message was taken is an ending too, for one that waits
    /// beside the one who took it.
    fn answers(&self, key: Key) -> bool;
    /// A future begins to wait for what comes for this one, or no longer does.
    fn count_taker(&mut self, key: Key, begins: bool);
    /// What is kept of a request that is to be sent again.
    fn kept(&mut self, key: Key) -> Option<&mut Kept>;
    /// See [`Inboxes::drop_answer`]; the memory that it took.
    fn drop_answer(&mut self, pipe: PipeId, from: u64, awaited: &dyn Fn(Key) -> bool)
    -> Option<(u64, usize)>;
    /// Messages that nobody has taken.
    fn len(&self) -> usize;
    /// Memory of what nobody has taken.
    fn bytes(&self) -> usize;
    /// The pipes of the answers to requests or surveys that nobody has taken.
    fn pipes_of_answers(&self) -> Vec<PipeId>;
}

impl<O: Send> AnyInboxes for Inboxes<O> {
    fn has_message(&self) -> bool {
        !self.socket.is_empty()
    }

    fn answers(&self, key: Key) -> bool {
        Self::answers(self, key)
    }

    fn count_taker(&mut self, key: Key, begins: bool) {
        if let Some(inbox) = self.keyed.get_mut(&key) {
            inbox.takers = if begins { inbox.takers + 1 } else { inbox.takers.saturating_sub(1) };
        }
    }

    fn kept(&mut self, key: Key) -> Option<&mut Kept> {
        self.keyed.get_mut(&key).map(|inbox| &mut inbox.kept).filter(|kept| kept.bytes > 0)
    }

    fn drop_answer(
        &mut self,
        pipe: PipeId,
        from: u64,
        awaited: &dyn Fn(Key) -> bool,
    ) -> Option<(u64, usize)> {
        Self::drop_answer(self, pipe, from, awaited).map(|(number, dropped)| (number, dropped.cost()))
    }

    fn len(&self) -> usize {
        self.socket.len() + self.keyed.values().map(Keyed::len).sum::<usize>()
    }

    fn bytes(&self) -> usize {
        let kept: usize = self.keyed.values().map(|inbox| inbox.kept.bytes).sum();
        let answers = self.keyed.values().flat_map(Keyed::iter);
        kept + self.socket.iter().chain(answers).map(Received::cost).sum::<usize>()
    }

    fn pipes_of_answers(&self) -> Vec<PipeId> {
        self.keyed.values().flat_map(Keyed::iter).map(|answer| answer.pipe).collect()
    }
}

#[cfg(test)]
mod tests;
