//! What a machine acts upon: the plain state of a socket.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hubless_protocol::patterns::{
    Effects, Ending, Full, Inbox, Key, Loss, PipeId, Share, Time, UnsentMessage,
};
use hubless_transport::{Header, Message, Packet};

use crate::fault::Fault;
use crate::law::{Breach, Law};

/// How much a pipe may hold on either side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) send: usize,
    pub(crate) receive: usize,
}

/// One end of a pipe.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    number: u32,
    pub(crate) pending: VecDeque<UnsentMessage>,
    /// A push found no room, and the machine is owed word of it.
    pub(crate) refused: bool,
    /// What left last.
    pub(crate) left: Option<Packet>,
    /// Delivered to the socket's inbox and not received.
    pub(crate) held: usize,
}

/// A message that was delivered.
#[derive(Debug)]
pub(crate) struct Received<O> {
    pub(crate) pipe: PipeId,
    pub(crate) origin: O,
    pub(crate) body: Message,
}

/// An answer that nobody has taken.
#[derive(Debug)]
pub(crate) struct Kept {
    /// When it was delivered.
    pub(crate) at: Time,
    /// The peer whose share it is of, if it has one of its own.
    account: Option<PipeId>,
    pub(crate) body: Message,
}

/// The inbox of a request or survey.
#[derive(Debug, Default)]
pub(crate) struct Keyed {
    limit: usize,
    /// Who has answered.
    pub(crate) answered: BTreeSet<PipeId>,
    pub(crate) answers: VecDeque<Kept>,
    pub(crate) ended: Option<(Ending, Time)>,
}

/// What a step did that the journal does not know of yet.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) pushed: usize,
    pub(crate) delivered: usize,
    pub(crate) lost: Vec<Loss>,
    pub(crate) ended: Vec<Ending>,
    pub(crate) breach: Option<Breach>,
}

/// The state of a socket but for its machine.
#[derive(Debug)]
pub(crate) struct Surroundings<O> {
    pub(crate) now: Time,
    pub(crate) limits: Limits,
    pub(crate) fault: Fault,
    /// By slot.
    pipes: Vec<Option<Pipe>>,
    pub(crate) inbox: VecDeque<Received<O>>,
    pub(crate) keyed: BTreeMap<Key, Keyed>,
    /// The pipes that each request or survey was queued for, in this order.
    pub(crate) given: BTreeMap<Key, Vec<PipeId>>,
    pub(crate) armed: Option<Time>,
    /// How often any message was cut short.
    pub(crate) cuts: u8,
    /// There is no memory for more.
    pub(crate) exhausted: bool,
    /// Memory of the messages that came back and that the machine keeps.
    pub(crate) kept: usize,
    pub(crate) tally: Tally,
}

impl<O> Surroundings<O> {
    pub(crate) fn new(limits: Limits, fault: Fault) -> Self {
        Self {
            now: Time(0),
            limits,
            fault,
            pipes: Vec::new(),
            inbox: VecDeque::new(),
            keyed: BTreeMap::new(),
            given: BTreeMap::new(),
            armed: None,
            cuts: 0,
            exhausted: false,
            kept: 0,
            tally: Tally::default(),
        }
    }

    /// A pipe with this number, in the first slot that is free.
    pub(crate) fn insert(&mut self, number: u32) -> PipeId {
        let free = self.pipes.iter().position(Option::is_none);
        let place = free.unwrap_or(self.pipes.len());
        if free.is_none() {
            self.pipes.push(None);
        }
        self.pipes[place] = Some(Pipe { number, ..Pipe::default() });
        PipeId { slot: u32::try_from(place).unwrap_or(u32::MAX), number }
    }

    pub(crate) fn remove(&mut self, id: PipeId) -> Option<Pipe> {
        self.pipes.get_mut(id.slot as usize)?.take_if(|pipe| pipe.number == id.number)
    }

    pub(crate) fn pipe(&mut self, id: PipeId) -> Option<&mut Pipe> {
        self.pipes.get_mut(id.slot as usize)?.as_mut().filter(|pipe| pipe.number == id.number)
    }

    /// The pipes there are.
    pub(crate) fn ids(&self) -> Vec<PipeId> {
        let named = |(slot, pipe): (u32, &Option<Pipe>)| {
            pipe.as_ref().map(|pipe| PipeId { slot, number: pipe.number })
        };
        (0..).zip(&self.pipes).filter_map(named).collect()
    }

    /// Whether this is one of the pipes there are.
    pub(crate) fn is_alive(&self, id: PipeId) -> bool {
        self.pipes.get(id.slot as usize).and_then(Option::as_ref).is_some_and(|pipe| pipe.number == id.number)
    }

    /// Whether some pipe has taken everything so far.
    pub(crate) fn has_willing_pipe(&self) -> bool {
        self.pipes.iter().flatten().any(|pipe| !pipe.refused)
    }

    /// How many pipes there are.
    pub(crate) fn alive(&self) -> usize {
        self.pipes.iter().flatten().count()
    }

    /// Whether there is a pipe of this number.
    pub(crate) fn has_number(&self, number: u32) -> bool {
        self.pipes.iter().flatten().any(|pipe| pipe.number == number)
    }

    /// Messages that are to leave.
    pub(crate) fn pending(&self) -> usize {
        self.pipes.iter().flatten().map(|pipe| pipe.pending.len()).sum()
    }

    fn room(&mut self, id: PipeId) -> Result<&mut Pipe, Full> {
        let (exhausted, limit) = (self.exhausted, self.limits.send);
        let pipe = self.pipe(id).ok_or(Full)?;
        if exhausted || pipe.pending.len() >= limit {
            pipe.refused = true;
            return Err(Full);
        }
        Ok(pipe)
    }

    fn breach(&mut self, law: Law, how: String) {
        self.tally.breach.get_or_insert(Breach { law, how });
    }

    fn deliver_keyed(&mut self, key: Key, pipe: PipeId, body: Message, share: Option<Share>) {
        let now = self.now;
        let share = share.filter(|_| self.fault != Fault::SharesNothing);
        match self.keyed.get_mut(&key) {
            Some(keyed) if keyed.ended.is_none() => {
                let first = keyed.answered.insert(pipe);
                let account = share.is_some_and(|share| share.asked).then_some(pipe);
                let waiting = keyed.answers.iter().filter(|answer| answer.account == account).count();
                let over = share.is_some_and(|share| waiting >= share.most);
                let placed = account.is_some() && waiting == 0;
                if over || (!placed && keyed.answers.len() >= keyed.limit) {
                    let asked = self.given.get(&key).is_some_and(|given| given.contains(&pipe));
                    if first && asked {
                        self.breach(
                            Law::Shares,
                            format!("the first answer of {pipe:?} to {key:#x} has no place"),
                        );
                    }
                    return self.count(Loss::InboxFull);
                }
                if self.fault == Fault::AnswersTwice {
                    keyed.answers.push_back(Kept { at: now, account, body: body.clone() });
                }
                keyed.answers.push_back(Kept { at: now, account, body });
                self.tally.delivered += 1;
            }
            _ => self.breach(Law::OneAnswer, format!("an answer is delivered to {key:#x}, which has ended")),
        }
    }

    /// Counts a lost message.
    pub(crate) fn count(&mut self, loss: Loss) {
        if self.fault != Fault::CountsNothing {
            self.tally.lost.push(loss);
        }
    }
}

impl<O> Effects<O> for Surroundings<O> {
    fn now(&self) -> Time {
        self.now
    }

    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full> {
        let entry = self.room(pipe)?;
        entry.pending.push_back(Packet::new(Header::from(header), std::mem::take(body)).into());
        if let Some(key) = header.first_chunk() {
            self.given.entry(Key::from_be_bytes(*key)).or_default().push(pipe);
        }
        self.tally.pushed += 1;
        Ok(())
    }

    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full> {
        self.push(pipe, header, &mut body.clone())
    }

    fn note_interruptions(&mut self, pipe: PipeId, interruptions: u8) {
        if let Some(last) = self.pipe(pipe).and_then(|pipe| pipe.pending.back_mut()) {
            last.interruptions = interruptions;
        }
    }

    fn keeps(&mut self, octets: usize) {
        match self.fault {
            Fault::HoardsMemory => self.kept = self.kept.max(octets),
            Fault::LosesMemory => self.kept = self.kept.min(octets),
            _ => self.kept = octets,
        }
    }

    fn resends(&mut self, _key: Key) {}

    fn resent(&mut self, _sent: bool) {}

    fn insists(&self) -> bool {
        false
    }

    fn has_room(&mut self, pipe: PipeId) -> bool {
        self.room(pipe).is_ok() || self.fault == Fault::PromisesRoom
    }

    fn queued(&self, pipe: PipeId) -> usize {
        let entry = self.pipes.get(pipe.slot as usize).and_then(Option::as_ref);
        entry.filter(|entry| entry.number == pipe.number).map_or(0, |entry| entry.pending.len())
    }

    fn has_memory(&mut self, _octets: usize) -> bool {
        !self.exhausted
    }

    fn drop_oldest(&mut self, pipe: PipeId) -> bool {
        self.pipe(pipe).is_some_and(|pipe| pipe.pending.pop_front().is_some())
    }

    fn deliver(&mut self, inbox: Inbox, pipe: PipeId, origin: O, body: Message) {
        if self.fault == Fault::Swallows {
            return;
        }
        match inbox {
            Inbox::Keyed(key) => self.deliver_keyed(key, pipe, body, None),
            Inbox::Socket => {
                if let Some(entry) = self.pipe(pipe) {
                    entry.held += 1;
                }
                self.inbox.push_back(Received { pipe, origin, body });
                self.tally.delivered += 1;
            }
        }
    }

    fn deliver_answer(&mut self, key: Key, pipe: PipeId, _origin: O, body: Message, share: Share) {
        if self.fault != Fault::Swallows {
            self.deliver_keyed(key, pipe, body, Some(share));
        }
    }

    fn open(&mut self, key: Key, limit: usize, _kept: usize) {
        let limit = if self.fault == Fault::SharesNothing { 1 } else { limit };
        let former = self.keyed.insert(key, Keyed { limit, ..Keyed::default() });
        if former.is_some() {
            self.breach(Law::RightAnswer, format!("{key:#x} is opened while it is in use"));
        }
    }

    fn is_open(&self, key: Key) -> bool {
        self.keyed.contains_key(&key)
    }

    fn finish(&mut self, key: Key, ending: Ending) {
        self.tally.ended.push(ending);
        let at = self.now;
        match self.keyed.get_mut(&key) {
            Some(keyed) if keyed.ended.is_none() => keyed.ended = Some((ending, at)),
            _ => self.breach(Law::OneAnswer, format!("{key:#x} ends twice, or after it was cancelled")),
        }
    }

    fn arm(&mut self, at: Option<Time>) {
        self.armed = at;
    }

    fn count(&mut self, loss: Loss) {
        Self::count(self, loss);
    }

    fn count_for(&mut self, pipe: PipeId, loss: Loss) {
        let alive = self.is_alive(pipe);
        if loss == if alive { Loss::RequesterGone } else { Loss::PeerFull } {
            self.breach(Law::Reason, format!("{loss:?} is counted for {pipe:?}, which is alive: {alive}"));
        }
        Self::count(self, loss);
    }
}
