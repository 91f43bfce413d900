//! The one world in which patterns are tested: it records what a pattern does to it, and notes where the engine could not
//! do that. Unit tests, the fuzzer, the simulation and the benches use it, and so can the author of a new pattern.
//!
//! With the feature `testing` only.

#[cfg(test)]
mod controls;
mod effects;
mod send_queue;

use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use hubless_transport::{Message, Packet};

use crate::patterns::{
    Ending, Full, Inbox, Incoming, Key, Loss, Pattern, PipeId, Queueing, Refusal, Share, Time, UnsentMessage,
    Verdict,
};
use crate::{Control, ControlKind, PeerInfo};

pub use send_queue::SendQueue;

/// What a pattern did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed<O> {
    /// Queued a message for a pipe: its bytes on the wire.
    Pushed(PipeId, Vec<u8>),
    /// Dropped the oldest message of a pipe for a new one.
    Displaced(PipeId, Vec<u8>),
    /// Sent a control to a pipe.
    Said(PipeId, ControlKind, Vec<u8>),
    /// Put a message into an inbox.
    Delivered(Inbox, PipeId, O, Message),
    /// Put an answer into the inbox of a survey, under this share.
    Answered(Key, PipeId, O, Message, Share),
    /// Opened an inbox, and for how many answers.
    Opened(Key, usize),
    /// Ended a request or survey.
    Finished(Key, Ending),
    /// Counted a lost message.
    Lost(Loss),
    /// Counted a lost message of this pipe.
    LostAt(PipeId, Loss),
}

/// What was delivered: where, by which pipe, from whom, and the body.
pub type Delivery<O> = (Inbox, PipeId, O, Message);

/// What is around a pattern, as the engine has it: pipes with bounded queues, the time, memory, inboxes.
#[derive(Debug)]
pub struct World<O> {
    /// The time.
    pub now: Time,
    /// When the timer is to go off.
    pub armed: Option<Time>,
    /// How often the timer was armed.
    pub arms: usize,
    /// The live pipes.
    pub pipes: BTreeMap<PipeId, SendQueue>,
    /// How the pattern has its messages queued.
    queueing: Queueing,
    /// The memory of the context is exhausted.
    pub exhausted: bool,
    /// The largest message for which there is memory.
    pub largest: usize,
    /// The pipe that takes a message for which there is no memory.
    pub beyond: Option<PipeId>,
    /// A mistake of the world: it says that there is room where there is none.
    pub promises_room: bool,
    /// Memory of the messages that came back and that the pattern keeps.
    pub kept: usize,
    /// How often a message was to be queued.
    pub pushes: usize,
    /// Nothing is recorded or queued, and there is always room: for benches.
    boundless: bool,
    /// The inboxes that nobody has closed, and whether they still get something.
    inboxes: BTreeMap<Key, bool>,
    deeds: Vec<Deed<O>>,
    misuse: Option<String>,
}

/// The pipe in this slot.
pub const fn pipe(slot: u32) -> PipeId {
    PipeId { slot, number: 100 + slot }
}

/// A message as its bytes stand on the wire.
pub fn wire(packet: &Packet) -> Vec<u8> {
    [packet.header.as_slice(), &packet.body].concat()
}

impl From<Message> for UnsentMessage {
    fn from(body: Message) -> Self {
        Packet::from(body).into()
    }
}

impl<O> Default for World<O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O> World<O> {
    /// A world without pipes.
    pub fn new() -> Self {
        Self {
            now: Time(1),
            armed: None,
            arms: 0,
            pipes: BTreeMap::new(),
            queueing: Queueing::Waiting,
            exhausted: false,
            largest: usize::MAX,
            beyond: None,
            promises_room: false,
            kept: 0,
            pushes: 0,
            boundless: false,
            inboxes: BTreeMap::new(),
            deeds: Vec::new(),
            misuse: None,
        }
    }

    /// A world that takes everything and keeps nothing, for benches.
    pub fn boundless() -> Self {
        Self { boundless: true, ..Self::new() }
    }

    /// Gives a pipe room for this many more messages, telling nobody.
    pub fn give_room(&mut self, pipe: PipeId, room: usize) {
        let queue = self.pipes.entry(pipe).or_insert_with(|| SendQueue::new(0));
        queue.capacity = queue.messages.len().saturating_add(room);
    }

    /// Adds a pipe to a peer of SP, with room for this many messages.
    ///
    /// # Errors
    ///
    /// The pattern refuses the peer.
    pub fn try_join(
        &mut self,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        room: usize,
    ) -> Result<(), Refusal> {
        let peer = PeerInfo::of(pattern.role().peers()[0]);
        self.try_join_as(&peer, pattern, pipe, room)
    }

    /// Adds a pipe to this peer. The pattern can send controls to it if its wire protocol has them.
    ///
    /// # Errors
    ///
    /// The pattern refuses the peer.
    pub fn try_join_as(
        &mut self,
        peer: &PeerInfo,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        room: usize,
    ) -> Result<(), Refusal> {
        self.queueing = pattern.queueing();
        self.give_room(pipe, room);
        if let Some(queue) = self.pipes.get_mut(&pipe) {
            queue.has_controls = peer.wire.has_controls();
        }
        let welcome = pattern.pipe_added(pipe, peer, self);
        if welcome.is_err() {
            self.pipes.remove(&pipe);
        }
        welcome
    }

    /// The same for a pattern that takes every peer.
    ///
    /// # Panics
    ///
    /// The pattern refuses the peer.
    pub fn join(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId, room: usize) {
        self.try_join(pattern, pipe, room).expect("it takes every peer");
    }

    /// Removes a pipe. What it had not got rid of.
    pub fn leave(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId) -> Option<SendQueue> {
        let queue = self.pipes.remove(&pipe);
        pattern.pipe_removed(pipe, self);
        queue
    }

    /// Gives a pipe room for this many messages and tells the pattern.
    pub fn make_room(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId, room: usize) {
        self.give_room(pipe, room);
        pattern.pipe_writable(pipe, self);
    }

    /// All controls and this many messages leave through a pipe, and the next message in part, and the pattern is told of room.
    pub fn drain(
        &mut self,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        count: usize,
        begins: bool,
    ) {
        if let Some(queue) = self.pipes.get_mut(&pipe) {
            queue.drain(count, begins);
        }
        self.tell_of_room(pattern, pipe);
    }

    /// Tells the pattern of room at this pipe, if it was refused and there is enough.
    pub fn tell_of_room(&mut self, pattern: &mut impl Pattern<Origin = O>, pipe: PipeId) {
        if self.pipes.get_mut(&pipe).is_some_and(SendQueue::take_writable_notice) {
            pattern.pipe_writable(pipe, self);
        }
    }

    /// Has the user send; with no room it comes back.
    ///
    /// # Errors
    ///
    /// What was to be sent.
    pub fn send<P: Pattern<Origin = O>>(
        &mut self,
        pattern: &mut P,
        mut outgoing: P::Outgoing,
    ) -> Result<P::Ticket, P::Outgoing> {
        pattern.send(&mut outgoing, self).map_err(|Full| outgoing)
    }

    /// Has a message arrive.
    pub fn receive(
        &mut self,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        mut packet: Packet,
    ) -> Verdict {
        pattern.message(pipe, Incoming::packet(&mut packet), self)
    }

    /// Has a control arrive.
    pub fn hear(
        &mut self,
        pattern: &mut impl Pattern<Origin = O>,
        pipe: PipeId,
        control: Control<'_>,
    ) -> Verdict {
        pattern.control(pipe, control, self)
    }

    /// Lets time pass, and the timer go off if it is due.
    pub fn pass(&mut self, time: Duration, pattern: &mut impl Pattern<Origin = O>) {
        self.now = self.now.after(time);
        let now = self.now;
        if self.armed.take_if(|at| *at <= now).is_some() {
            pattern.timer(self);
        }
    }

    /// The user looks no longer into this inbox.
    pub fn close(&mut self, key: Key) {
        self.inboxes.remove(&key);
    }

    /// Whether there is no memory for one more message to this pipe.
    pub fn is_starved(&self, queue: &SendQueue) -> bool {
        self.exhausted
            && match self.queueing {
                Queueing::Waiting => true,
                Queueing::AllOrNone => false,
                _ => !queue.messages.is_empty(),
            }
    }

    /// Whether a message can be pushed to this pipe.
    pub fn takes(&self, pipe: PipeId) -> bool {
        self.pipes.get(&pipe).is_some_and(|queue| queue.has_room() && !self.is_starved(queue))
    }

    /// What the pattern did since the last call, in this order.
    ///
    /// # Panics
    ///
    /// Some of it the engine could not have carried out.
    #[track_caller]
    pub fn deeds(&mut self) -> Vec<Deed<O>> {
        self.assert_use();
        mem::take(&mut self.deeds)
    }

    /// What the engine could not have carried out of what the pattern did, if there was something.
    pub fn misuse(&mut self) -> Option<String> {
        self.misuse.take()
    }

    /// What was sent since the last call: header and body as they stand on the wire.
    #[track_caller]
    pub fn sent(&mut self) -> Vec<(PipeId, Vec<u8>)> {
        self.take(|deed| match deed {
            Deed::Pushed(pipe, wire) => Ok((pipe, wire)),
            other => Err(other),
        })
    }

    /// Where it was sent to.
    #[track_caller]
    pub fn sent_to(&mut self) -> Vec<PipeId> {
        self.sent().into_iter().map(|(pipe, _)| pipe).collect()
    }

    /// Which controls were sent since the last call.
    #[track_caller]
    pub fn said(&mut self) -> Vec<(PipeId, ControlKind, Vec<u8>)> {
        self.take(|deed| match deed {
            Deed::Said(pipe, kind, body) => Ok((pipe, kind, body)),
            other => Err(other),
        })
    }

    /// What was delivered since the last call.
    #[track_caller]
    pub fn delivered(&mut self) -> Vec<Delivery<O>> {
        self.take(|deed| match deed {
            Deed::Delivered(inbox, pipe, origin, body) => Ok((inbox, pipe, origin, body)),
            Deed::Answered(key, pipe, origin, body, _) => Ok((Inbox::Keyed(key), pipe, origin, body)),
            other => Err(other),
        })
    }

    /// What was finished since the last call.
    #[track_caller]
    pub fn finished(&mut self) -> Vec<(Key, Ending)> {
        self.take(|deed| match deed {
            Deed::Finished(key, ending) => Ok((key, ending)),
            other => Err(other),
        })
    }

    /// What was opened since the last call, and for how many answers.
    #[track_caller]
    pub fn opened(&mut self) -> Vec<(Key, usize)> {
        self.take(|deed| match deed {
            Deed::Opened(key, limit) => Ok((key, limit)),
            other => Err(other),
        })
    }

    /// Every loss that was counted.
    pub fn lost(&self) -> Vec<Loss> {
        let loss = |deed: &Deed<O>| match deed {
            Deed::Lost(loss) | Deed::LostAt(_, loss) => Some(*loss),
            _ => None,
        };
        self.deeds.iter().filter_map(loss).collect()
    }

    /// The deeds that `pick` takes; the others stay.
    #[track_caller]
    fn take<T>(&mut self, mut pick: impl FnMut(Deed<O>) -> Result<T, Deed<O>>) -> Vec<T> {
        self.assert_use();
        let mut taken = Vec::new();
        for deed in mem::take(&mut self.deeds) {
            match pick(deed) {
                Ok(deed) => taken.push(deed),
                Err(other) => self.deeds.push(other),
            }
        }
        taken
    }

    #[track_caller]
    fn assert_use(&self) {
        assert_eq!(self.misuse, None, "the engine could not do that");
    }
}
