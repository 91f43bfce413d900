//! A world that records what a machine does to it.

use std::collections::HashMap;
use std::time::Duration;

use hubless_transport::{Message, Packet};

use crate::PeerInfo;
use crate::patterns::{
    Effects, Ending, Full, Inbox, Incoming, Key, Loss, Pattern, PipeId, Refusal, Share, Time, UnsentMessage,
    Verdict,
};

/// What was delivered: where, by which pipe, from whom, and the body.
pub(super) type Delivery<O> = (Inbox, PipeId, O, Message);

impl From<Message> for UnsentMessage {
    fn from(body: Message) -> Self {
        Packet::from(body).into()
    }
}

/// Effects that are recorded. Each pipe has room for as many messages as it was given.
#[derive(Debug)]
pub(super) struct Recorder<O> {
    pub now: Time,
    pub opened: Vec<(Key, usize)>,
    pub armed: Option<Time>,
    /// How often the timer was armed.
    pub arms: usize,
    pub lost: Vec<Loss>,
    /// The memory of the context is exhausted.
    pub exhausted: bool,
    /// The largest message for which there is memory.
    pub largest: usize,
    /// The pipe that takes a message for which there is no memory.
    pub beyond: Option<PipeId>,
    /// How often a message was to be queued.
    pub pushes: usize,
    /// What was noted of messages that had been interrupted.
    pub interruptions: Vec<(PipeId, u8)>,
    /// Memory of the messages that came back and are kept.
    pub kept: usize,
    /// Under which share each answer was delivered.
    pub shares: Vec<Share>,
    room: HashMap<PipeId, usize>,
    queued: HashMap<PipeId, usize>,
    sent: Vec<(PipeId, Vec<u8>)>,
    delivered: Vec<Delivery<O>>,
    finished: Vec<(Key, Ending)>,
}

/// The pipe in this slot.
pub(super) const fn pipe(slot: u32) -> PipeId {
    PipeId { slot, number: 100 + slot }
}

impl<O> Recorder<O> {
    /// A world without pipes.
    pub(super) fn new() -> Self {
        Self {
            now: Time(1),
            opened: Vec::new(),
            armed: None,
            arms: 0,
            lost: Vec::new(),
            exhausted: false,
            largest: usize::MAX,
            beyond: None,
            pushes: 0,
            interruptions: Vec::new(),
            kept: 0,
            shares: Vec::new(),
            room: HashMap::new(),
            queued: HashMap::new(),
            sent: Vec::new(),
            delivered: Vec::new(),
            finished: Vec::new(),
        }
    }

    /// Gives a pipe room for this many messages, telling nobody.
    pub(super) fn give_room(&mut self, pipe: PipeId, room: usize) {
        self.room.insert(pipe, room);
    }

    /// Adds a pipe with room for this many messages.
    pub(super) fn try_join(
        &mut self,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        room: usize,
    ) -> Result<(), Refusal> {
        self.give_room(pipe, room);
        pattern.pipe_added(pipe, &PeerInfo::of(pattern.role().peers()[0]), self)
    }

    /// The same for a pattern that takes every peer.
    pub(super) fn join(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId, room: usize) {
        self.try_join(pattern, pipe, room).unwrap();
    }

    /// Removes a pipe.
    pub(super) fn leave(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId) {
        self.room.remove(&pipe);
        pattern.pipe_removed(pipe, self);
    }

    /// Gives a pipe room for this many messages and tells the pattern.
    pub(super) fn make_room(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId, room: usize) {
        self.give_room(pipe, room);
        pattern.pipe_writable(pipe, self);
    }

    /// So many of the messages for a pipe have left.
    pub(super) fn leaves(&mut self, pipe: PipeId, messages: usize) {
        let queued = self.queued.entry(pipe).or_default();
        *queued = queued.saturating_sub(messages);
    }

    /// Has the user send; with no room it comes back.
    pub(super) fn send<P: Pattern<Origin = O>>(
        &mut self,
        pattern: &mut P,
        mut outgoing: P::Outgoing,
    ) -> Result<P::Ticket, P::Outgoing> {
        pattern.send(&mut outgoing, self).map_err(|Full| outgoing)
    }

    /// Has a message arrive.
    pub(super) fn receive(
        &mut self,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        mut packet: Packet,
    ) -> Verdict {
        pattern.message(pipe, Incoming::packet(&mut packet), self)
    }

    /// Lets time pass, and the timer go off if it is due.
    pub(super) fn pass(&mut self, time: Duration, pattern: &mut impl Pattern<Origin = O>) {
        self.now = self.now.after(time);
        if self.armed.take_if(|at| *at <= self.now).is_some() {
            pattern.timer(self);
        }
    }

    /// What was sent since the last call: header and body as they stand on the wire.
    pub(super) fn sent(&mut self) -> Vec<(PipeId, Vec<u8>)> {
        std::mem::take(&mut self.sent)
    }

    /// Where it was sent to.
    pub(super) fn sent_to(&mut self) -> Vec<PipeId> {
        self.sent().into_iter().map(|(pipe, _)| pipe).collect()
    }

    /// What was delivered since the last call.
    pub(super) fn delivered(&mut self) -> Vec<Delivery<O>> {
        std::mem::take(&mut self.delivered)
    }

    /// What was finished since the last call.
    pub(super) fn finished(&mut self) -> Vec<(Key, Ending)> {
        std::mem::take(&mut self.finished)
    }
}

impl<O> Effects<O> for Recorder<O> {
    fn now(&self) -> Time {
        self.now
    }

    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full> {
        self.push_shared(pipe, header, body)
    }

    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full> {
        self.pushes += 1;
        if header.len() + body.len() > self.largest && self.beyond != Some(pipe) {
            return Err(Full);
        }
        let room = self.room.get_mut(&pipe).filter(|room| **room > 0).ok_or(Full)?;
        *room -= 1;
        *self.queued.entry(pipe).or_default() += 1;
        self.sent.push((pipe, [header, body].concat()));
        Ok(())
    }

    fn keeps(&mut self, octets: usize) {
        self.kept = octets;
    }

    fn resends(&mut self, _key: Key) {}

    fn resent(&mut self, _sent: bool) {}

    fn insists(&self) -> bool {
        self.beyond.is_some()
    }

    fn note_interruptions(&mut self, pipe: PipeId, interruptions: u8) {
        self.interruptions.push((pipe, interruptions));
    }

    fn has_room(&mut self, pipe: PipeId) -> bool {
        self.room.get(&pipe).is_some_and(|room| *room > 0)
    }

    fn queued(&self, pipe: PipeId) -> usize {
        self.queued.get(&pipe).copied().unwrap_or_default()
    }

    fn has_memory(&mut self, _octets: usize) -> bool {
        !self.exhausted
    }

    /// What nobody has asked for since is still queued.
    fn drop_oldest(&mut self, pipe: PipeId) -> bool {
        let oldest = self.sent.iter().position(|(to, _)| *to == pipe);
        if let (Some(oldest), Some(room)) = (oldest, self.room.get_mut(&pipe)) {
            self.sent.remove(oldest);
            *room += 1;
        }
        oldest.is_some()
    }

    fn deliver(&mut self, inbox: Inbox, pipe: PipeId, origin: O, body: Message) {
        self.delivered.push((inbox, pipe, origin, body));
    }

    fn deliver_answer(&mut self, key: Key, pipe: PipeId, origin: O, body: Message, share: Share) {
        self.shares.push(share);
        self.deliver(Inbox::Keyed(key), pipe, origin, body);
    }

    fn open(&mut self, key: Key, limit: usize, _kept: usize) {
        self.opened.push((key, limit));
    }

    /// Nobody takes what has come.
    fn is_open(&self, key: Key) -> bool {
        self.opened.iter().any(|(opened, _)| *opened == key)
    }

    fn finish(&mut self, key: Key, ending: Ending) {
        self.finished.push((key, ending));
    }

    fn arm(&mut self, at: Option<Time>) {
        self.armed = at;
        self.arms += 1;
    }

    fn count(&mut self, loss: Loss) {
        self.lost.push(loss);
    }

    fn count_for(&mut self, _pipe: PipeId, loss: Loss) {
        self.lost.push(loss);
    }
}
