use hubless_transport::Message;

use crate::patterns::ids::IdMap;
use crate::patterns::lazy_queue::LazyQueue;
use crate::patterns::{Key, PipeId, Time};

/// The open requests of a REQ: what they are, which pipe has them, and when something is due. No operation on one
/// request looks at the others.
#[derive(Debug, Default)]
pub(super) struct Requests {
    open: IdMap<Request>,
    /// By slot, what each pipe was given.
    pipes: Vec<Given>,
    /// In order of time, since the interval is the same for all.
    resends: LazyQueue<(Time, Attempt)>,
    /// In order of time as well.
    deadlines: LazyQueue<(Time, Key)>,
}

#[derive(Debug)]
struct Request {
    body: Message,
    /// `None` while it waits to be sent.
    pipe: Option<PipeId>,
    attempts: u32,
    /// How often it was interrupted.
    interruptions: u8,
}

/// One sending of a request, which is over once there is a reply or another sending.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    key: Key,
    number: u32,
}

/// The requests one pipe was given.
#[derive(Debug, Default)]
struct Given {
    open: usize,
    attempts: LazyQueue<Attempt>,
}

impl Requests {
    /// How many there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// A new request, which waits to be sent. No deadline is before that of an earlier request.
    #[inline]
    pub(super) fn insert(&mut self, key: Key, body: Message, deadline: Option<Time>) {
        self.open.insert(key, Request { body, pipe: None, attempts: 0, interruptions: 0 });
        if let Some(at) = deadline {
            let open = &self.open;
            self.deadlines.push((at, key), open.len(), |(_, key)| open.contains_key(key));
        }
    }

    /// The body of a request that waits to be sent.
    #[inline]
    pub(super) fn waiting(&self, key: Key) -> Option<&Message> {
        self.open.get(&key).filter(|request| request.pipe.is_none()).map(|request| &request.body)
    }

    /// A request that waited was given to a pipe. No time to send it again is before that of an earlier one.
    #[inline]
    pub(super) fn assign(&mut self, key: Key, pipe: PipeId, resend: Option<Time>) {
        let Some(request) = self.open.get_mut(&key) else { return };
        request.pipe = Some(pipe);
        request.attempts = request.attempts.wrapping_add(1);
        let attempt = Attempt { key, number: request.attempts };
        let open = &self.open;
        let place = pipe.slot as usize;
        if place >= self.pipes.len() {
            self.pipes.resize_with(place + 1, Given::default);
        }
        let given = &mut self.pipes[place];
        given.attempts.push(attempt, given.open, |attempt| attempt.pipe(open) == Some(pipe));
        given.open += 1;
        if let Some(at) = resend {
            self.resends.push((at, attempt), open.len(), |(_, attempt)| attempt.pipe(open).is_some());
        }
    }

    /// A request was interrupted once more; how often by now. Not at all where there is none.
    #[inline]
    pub(super) fn cut(&mut self, key: Key) -> u8 {
        let Some(request) = self.open.get_mut(&key) else { return 0 };
        request.interruptions = request.interruptions.saturating_add(1);
        request.interruptions
    }

    /// How many open requests a pipe was given.
    #[inline]
    pub(super) fn given_to(&self, pipe: PipeId) -> usize {
        self.pipes.get(pipe.slot as usize).map_or(0, |given| given.open)
    }

    /// Has a request wait to be sent again.
    #[inline]
    pub(super) fn suspend(&mut self, key: Key) {
        let pipe = self.open.get_mut(&key).and_then(|request| request.pipe.take());
        self.release(pipe);
    }

    /// Removes a request; `false` where there is none.
    #[inline]
    pub(super) fn remove(&mut self, key: Key) -> bool {
        let Some(request) = self.open.remove(&key) else { return false };
        self.release(request.pipe);
        true
    }

    /// The requests that a pipe, which is gone, was given, oldest first. Each is to be suspended or removed.
    #[inline]
    pub(super) fn take_given(&mut self, pipe: PipeId) -> impl Iterator<Item = Key> + use<> {
        let mut given = self.pipes.get_mut(pipe.slot as usize).map(std::mem::take).unwrap_or_default();
        let mut attempts = given.attempts.take();
        attempts.retain(|attempt| attempt.pipe(&self.open) == Some(pipe));
        attempts.into_iter().map(|attempt| attempt.key)
    }

    /// The request whose deadline is next.
    #[inline]
    pub(super) fn next_deadline(&mut self) -> Option<(Time, Key)> {
        let open = &self.open;
        self.deadlines.first(|(_, key)| open.contains_key(key)).copied()
    }

    /// The request that is to be sent again next.
    #[inline]
    pub(super) fn next_resend(&mut self) -> Option<(Time, Key)> {
        let open = &self.open;
        let &(at, attempt) = self.resends.first(|(_, attempt)| attempt.pipe(open).is_some())?;
        Some((at, attempt.key))
    }

    /// The pipe has one request less.
    #[inline]
    fn release(&mut self, pipe: Option<PipeId>) {
        if let Some(given) = pipe.and_then(|pipe| self.pipes.get_mut(pipe.slot as usize)) {
            given.open = given.open.saturating_sub(1);
        }
    }
}

#[cfg(test)]
impl Requests {
    /// How many entries there are, those that are over among them.
    pub(super) fn entries(&mut self) -> usize {
        let given: usize = self.pipes.iter_mut().map(|given| given.attempts.take().len()).sum();
        given + self.resends.take().len() + self.deadlines.take().len()
    }
}

impl Attempt {
    /// The pipe it went to, unless it is over.
    #[inline]
    fn pipe(self, open: &IdMap<Request>) -> Option<PipeId> {
        open.get(&self.key).filter(|request| request.attempts == self.number)?.pipe
    }
}
