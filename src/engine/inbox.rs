//! Messages that have arrived and wait for their receiver.

use std::collections::VecDeque;

use hubless_transport::Message;

use crate::patterns::{Ending, IdMap, Key, PipeId};

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
        let keyed = Keyed { first: None, others: VecDeque::new(), limit, ending: None, kept, beyond };
        self.keyed.insert(key, keyed);
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
        let mut answers: VecDeque<_> = std::iter::from_fn(|| inbox.pop()).collect();
        let dropped =
            answers.iter().position(|received| received.pipe == pipe).and_then(|at| answers.remove(at));
        for received in answers {
            inbox.push(received);
        }
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
        let next = self.others.pop_front();
        std::mem::replace(&mut self.first, next)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Received<O>> {
        self.first.iter().chain(&self.others)
    }
}
