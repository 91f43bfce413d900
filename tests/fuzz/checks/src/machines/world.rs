use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;

use hubless_protocol::patterns::{
    Effects, Ending, Full, Inbox, Key, Loss, PipeId, Queueing, Share, Time, UnsentMessage,
};
use hubless_transport::{Header, Message, Packet};

/// What a machine did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed<O> {
    Pushed(PipeId, Vec<u8>),
    /// The oldest message of a pipe was dropped for a new one.
    Displaced(PipeId, Vec<u8>),
    Delivered(Inbox, PipeId, O, Vec<u8>),
    Opened(Key),
    Finished(Key, Ending),
    Lost(Loss),
    LostAt(PipeId, Loss),
}

/// What is around a machine, as the engine has it: pipes with bounded queues, the time, inboxes. It keeps a record of what is
/// done to it, and takes nothing that the engine could not carry out.
#[derive(Debug)]
pub(crate) struct World<O> {
    pub(crate) now: Time,
    pub(crate) armed: Option<Time>,
    pub(crate) pipes: BTreeMap<PipeId, Line>,
    pub(crate) exhausted: bool,
    /// Memory of the messages that came back and that the machine keeps.
    pub(crate) kept: usize,
    queueing: Queueing,
    open: BTreeSet<Key>,
    deeds: Vec<Deed<O>>,
}

/// The queue of one pipe.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) capacity: usize,
    pub(crate) queue: VecDeque<UnsentMessage>,
    /// The first in the queue is written in part.
    pub(crate) begun: bool,
    /// A push was refused, so the machine is told of room.
    pub(crate) refused: bool,
}

impl Line {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, queue: VecDeque::new(), begun: false, refused: false }
    }

    /// Whether one more message may be queued.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.len() < self.capacity
    }

    /// Whether the machine must be told of room now. It is told once.
    pub(crate) fn owes_word(&mut self) -> bool {
        self.queue.len() * 2 <= self.capacity && mem::take(&mut self.refused)
    }
}

impl<O> World<O> {
    /// Without pipes.
    pub(crate) fn new(queueing: Queueing) -> Self {
        Self {
            now: Time(1),
            armed: None,
            pipes: BTreeMap::new(),
            exhausted: false,
            kept: 0,
            queueing,
            open: BTreeSet::new(),
            deeds: Vec::new(),
        }
    }

    /// What was done since the last call.
    pub(crate) fn deeds(&mut self) -> Vec<Deed<O>> {
        mem::take(&mut self.deeds)
    }

    /// The user looks no longer into this inbox.
    pub(crate) fn close(&mut self, key: Key) {
        self.open.remove(&key);
    }

    /// Whether every pipe will be told of, so that who waits for room waits for something.
    pub(crate) fn all_refused(&self) -> bool {
        self.pipes.values().all(|line| line.refused)
    }

    /// Whether there is no memory for one more message to this pipe.
    pub(crate) fn is_starved(&self, line: &Line) -> bool {
        self.exhausted
            && match self.queueing {
                Queueing::Waiting => true,
                Queueing::AllOrNone => false,
                _ => !line.queue.is_empty(),
            }
    }

    /// Whether a message can be pushed to this pipe.
    pub(crate) fn takes(&self, pipe: PipeId) -> bool {
        self.pipes.get(&pipe).is_some_and(|line| line.has_room() && !self.is_starved(line))
    }
}

impl<O> Effects<O> for World<O> {
    fn now(&self) -> Time {
        self.now
    }

    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full> {
        self.push_shared(pipe, header, body)?;
        // What is left says nothing, so nobody may look.
        *body = Message::from("taken");
        Ok(())
    }

    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full> {
        let takes = self.takes(pipe);
        let Some(line) = self.pipes.get_mut(&pipe) else { return Err(Full) };
        if !takes {
            line.refused = true;
            return Err(Full);
        }
        line.queue.push_back(Packet::new(Header::from(header), body.clone()).into());
        self.deeds.push(Deed::Pushed(pipe, [header, body].concat()));
        Ok(())
    }

    fn note_interruptions(&mut self, pipe: PipeId, interruptions: u8) {
        let last = self.pipes.get_mut(&pipe).and_then(|line| line.queue.back_mut());
        last.expect("one was pushed").interruptions = interruptions;
    }

    fn keeps(&mut self, octets: usize) {
        self.kept = octets;
    }

    fn resends(&mut self, _key: Key) {}

    fn resent(&mut self, _sent: bool) {}

    fn insists(&self) -> bool {
        false
    }

    fn has_room(&mut self, pipe: PipeId) -> bool {
        let Some(line) = self.pipes.get_mut(&pipe) else { return false };
        let room = line.has_room();
        line.refused |= !room;
        room
    }

    fn queued(&self, pipe: PipeId) -> usize {
        self.pipes.get(&pipe).map_or(0, |line| line.queue.len())
    }

    fn has_memory(&mut self, _octets: usize) -> bool {
        !self.exhausted
    }

    fn drop_oldest(&mut self, pipe: PipeId) -> bool {
        assert_eq!(self.queueing, Queueing::DroppingOldest, "the engine could not do that");
        let Some(line) = self.pipes.get_mut(&pipe) else { return false };
        let Some(oldest) = line.queue.remove(usize::from(line.begun)) else { return false };
        self.deeds.push(Deed::Displaced(pipe, wire(&oldest.packet)));
        true
    }

    fn deliver(&mut self, inbox: Inbox, pipe: PipeId, origin: O, body: Message) {
        assert!(self.pipes.contains_key(&pipe), "it came by a pipe");
        if let Inbox::Keyed(key) = inbox {
            assert!(self.open.contains(&key), "nobody waits for {key:x}");
        }
        self.deeds.push(Deed::Delivered(inbox, pipe, origin, body.into_vec()));
    }

    fn deliver_answer(&mut self, key: Key, pipe: PipeId, origin: O, body: Message, share: Share) {
        assert!(share.most > 0, "a share of nothing");
        self.deliver(Inbox::Keyed(key), pipe, origin, body);
    }

    fn open(&mut self, key: Key, limit: usize, _kept: usize) {
        assert!(limit > 0, "an inbox for nothing");
        assert!(self.open.insert(key), "{key:x} is open already");
        self.deeds.push(Deed::Opened(key));
    }

    fn is_open(&self, key: Key) -> bool {
        self.open.contains(&key)
    }

    fn finish(&mut self, key: Key, ending: Ending) {
        assert!(self.open.remove(&key), "{key:x} is not open: {ending:?}");
        self.deeds.push(Deed::Finished(key, ending));
    }

    fn arm(&mut self, at: Option<Time>) {
        self.armed = at;
    }

    fn count(&mut self, loss: Loss) {
        self.deeds.push(Deed::Lost(loss));
    }

    fn count_for(&mut self, pipe: PipeId, loss: Loss) {
        self.deeds.push(Deed::LostAt(pipe, loss));
    }
}

/// A message as its octets stand on the wire.
pub(crate) fn wire(packet: &Packet) -> Vec<u8> {
    [packet.header.as_slice(), &packet.body].concat()
}
