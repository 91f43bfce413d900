//! Messages that have arrived and wait for their receiver.

use std::collections::{HashMap, VecDeque};

use hubless_transport::Message;

use crate::patterns::{Ending, Key, PipeId};

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
    keyed: HashMap<Key, Keyed<O>>,
}

#[derive(Debug)]
struct Keyed<O> {
    answers: VecDeque<Received<O>>,
    limit: usize,
    ending: Option<Ending>,
    /// Octets that the pattern keeps for this.
    kept: usize,
}

/// What the inbox of a request or survey has.
#[derive(Debug)]
pub(crate) enum Answer<O> {
    Message(Received<O>),
    Ended(Ending),
    NotYet,
}

impl<O> Inboxes<O> {
    pub(crate) fn new() -> Self {
        Self { socket: VecDeque::new(), keyed: HashMap::new() }
    }

    pub(crate) fn open(&mut self, key: Key, limit: usize, kept: usize) {
        self.keyed.insert(key, Keyed { answers: VecDeque::new(), limit, ending: None, kept });
    }

    /// Whether it fitted.
    pub(crate) fn deliver(&mut self, key: Key, received: Received<O>) -> bool {
        match self.keyed.get_mut(&key) {
            Some(inbox) if inbox.answers.len() < inbox.limit => {
                inbox.answers.push_back(received);
                true
            }
            _ => false,
        }
    }

    /// Nothing more will come; the octets that were kept for it.
    pub(crate) fn finish(&mut self, key: Key, ending: Ending) -> usize {
        let Some(inbox) = self.keyed.get_mut(&key) else { return 0 };
        inbox.ending = Some(ending);
        std::mem::take(&mut inbox.kept)
    }

    /// What was delivered comes first, then the ending.
    pub(crate) fn take(&mut self, key: Key) -> Answer<O> {
        let Some(inbox) = self.keyed.get_mut(&key) else { return Answer::Ended(Ending::Complete) };
        match (inbox.answers.pop_front(), inbox.ending) {
            (Some(received), _) => Answer::Message(received),
            (None, Some(ending)) => Answer::Ended(ending),
            (None, None) => Answer::NotYet,
        }
    }

    /// Whether `take` would give something.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.keyed.get(&key).is_some_and(|inbox| !inbox.answers.is_empty() || inbox.ending.is_some())
    }

    /// Closes an inbox; the memory that was used by what was left in it and by what was kept for it.
    pub(crate) fn close(&mut self, key: Key) -> usize {
        let Some(inbox) = self.keyed.remove(&key) else { return 0 };
        inbox.kept + inbox.answers.iter().map(Received::cost).sum::<usize>()
    }

    /// Memory of what nobody has taken.
    pub(crate) fn octets(&self) -> usize {
        let answers = self.keyed.values().flat_map(|inbox| &inbox.answers);
        let kept: usize = self.keyed.values().map(|inbox| inbox.kept).sum();
        kept + self.socket.iter().chain(answers).map(Received::cost).sum::<usize>()
    }

    /// Messages that nobody has taken.
    pub(crate) fn len(&self) -> usize {
        self.socket.len() + self.keyed.values().map(|inbox| inbox.answers.len()).sum::<usize>()
    }
}
