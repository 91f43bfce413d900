//! The pipes of one socket, as its lock sees them.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use hubless_protocol::patterns::{PipeId, Queueing};
use hubless_protocol::wire::Codec;
use mio::Token;

use super::connection::Pipe;
use super::controls::Controls;
use super::flush_state::FlushState;
use super::interruptions::Interruptions;
use super::leaving::Leaving;
use super::memory::arriving::Arriving;
use super::memory::overcommit::Plan;
use super::peer_liveness::PeerLiveness;
use super::pipe_queue::SlotRounds;
use super::send_queue::{QueueSize, SendQueue};
use super::slots::{Slots, Slotted};
use super::stalled_message::StalledMessage;
use crate::traffic::Traffic;

/// What the socket's lock guards of one pipe.
#[expect(clippy::struct_excessive_bools, reason = "each is set and cleared by itself; no two make one state")]
#[derive(Debug)]
pub(crate) struct Entry {
    /// The pipe's id, here because every message asks for it.
    id: PipeId,
    pub(crate) pipe: Arc<Pipe>,
    /// Not yet taken by a writer.
    pub(crate) pending: SendQueue,
    /// Of what is in `pending`.
    pub(crate) interruptions: Interruptions,
    /// What waits to leave: `pending` and what a writer has taken and not yet written.
    pub(crate) queued: QueueSize,
    pub(crate) flush_state: FlushState,
    /// Delivered from this pipe and not yet received by the user.
    pub(crate) held: QueueSize,
    /// Bytes of answers that came by this pipe and that nobody has taken.
    pub(crate) answers: usize,
    /// Not read until enough of what is held has been received.
    pub(crate) paused: bool,
    /// Not read until there is memory for what it sends.
    pub(crate) starved: bool,
    /// When it has last taken something of what was queued for it.
    pub(crate) moved: u64,
    /// A message that waits to leave went beyond the limit of memory.
    pub(crate) beyond: Option<Leaving>,
    /// It may finish a message beyond the limit.
    pub(crate) finishing: Option<Arriving>,
    /// How what it has beyond the limit must get on.
    pub(crate) plans: Plans,
    /// Bytes read and not yet parsed, as far as they are charged to the context's memory.
    pub(crate) buffered: usize,
    /// The system has signalled the end of what the peer sends.
    pub(crate) ending: bool,
    /// Writing to the pipe has failed.
    pub(crate) broken: Option<io::ErrorKind>,
    /// Writing to it has panicked.
    pub(crate) panicked: bool,
    /// Our direction was ended, because the socket closes.
    pub(crate) shut: bool,
    /// How the message that is coming in gets on.
    pub(crate) stalled: Option<StalledMessage>,
    /// How long its peer has owed us a word.
    pub(crate) peer_liveness: PeerLiveness,
    pub(crate) traffic: Traffic,
    /// Noted as readable or writable for the next round.
    pub(crate) noted: Noted,
    /// What waits to be said beside messages, where anything ever was.
    pub(crate) controls: Option<Box<Controls>>,
}

/// How the messages that go beyond the limit of memory must get on, while others wait.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plans {
    pub(crate) arriving: Option<Plan>,
    pub(crate) leaving: Option<Plan>,
}

/// In which of the lists for the next round a pipe stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Noted {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

impl Entry {
    /// Whether nothing that came by it waits for the user.
    pub(crate) fn is_taken(&self) -> bool {
        self.held.messages == 0 && self.answers == 0
    }

    /// What a writer has taken of what is queued, and what of it has not left as far as is known.
    pub(crate) fn in_flight(&self) -> QueueSize {
        let mut in_flight = self.queued;
        in_flight.subtract(self.pending.size());
        in_flight
    }

    /// Whether anything waits for a writer.
    #[inline]
    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty() || self.has_controls_pending()
    }

    /// Whether any control waits for a writer.
    #[inline]
    pub(crate) fn has_controls_pending(&self) -> bool {
        self.controls.as_ref().is_some_and(|controls| controls.are_pending())
    }

    /// What the controls cost that have not left.
    pub(crate) fn controls_waiting(&self) -> usize {
        self.controls.as_ref().map_or(0, |controls| controls.cost())
    }

    /// What came by it and waits for the user, in bytes.
    #[inline]
    pub(crate) fn untaken(&self) -> usize {
        self.held.bytes + self.answers
    }
}

impl Slotted for Entry {
    #[inline]
    fn id(&self) -> PipeId {
        self.id
    }
}

/// All pipes of one socket.
#[derive(Debug)]
pub(crate) struct Table {
    entries: Slots<Entry>,
    /// How far the look at how pipes get on is.
    checks: SlotRounds,
    queueing: Queueing,
}

impl Table {
    /// No pipes, of a pattern that queues like this.
    pub(crate) fn new(queueing: Queueing) -> Self {
        Self { entries: Slots::new(), checks: SlotRounds::default(), queueing }
    }

    pub(crate) fn queueing(&self) -> Queueing {
        self.queueing
    }

    /// Makes room for a pipe that is built from the id it will have.
    pub(crate) fn insert(
        &mut self,
        number: u32,
        codec: Codec,
        build: impl FnOnce(PipeId) -> Arc<Pipe>,
    ) -> PipeId {
        let queueing = self.queueing;
        self.entries.insert(number, |id| {
            let pipe = build(id);
            Entry {
                id,
                pending: SendQueue::pending(&pipe, codec, queueing),
                interruptions: Interruptions::default(),
                pipe,
                queued: QueueSize::default(),
                flush_state: FlushState::default(),
                held: QueueSize::default(),
                answers: 0,
                paused: false,
                starved: false,
                moved: 0,
                beyond: None,
                finishing: None,
                plans: Plans::default(),
                buffered: 0,
                ending: false,
                broken: None,
                panicked: false,
                shut: false,
                stalled: None,
                peer_liveness: PeerLiveness::default(),
                traffic: Traffic::default(),
                noted: Noted::default(),
                controls: None,
            }
        })
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: PipeId) -> Option<&mut Entry> {
        self.entries.get_mut(id)
    }

    pub(crate) fn get(&self, id: PipeId) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// The pipe that the event loop knows by this token; none if it is gone.
    pub(crate) fn known_as(&mut self, token: Token) -> Option<&mut Entry> {
        self.entries.known_as(token.0)
    }

    pub(crate) fn remove(&mut self, id: PipeId) -> Option<Entry> {
        self.entries.remove(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn ids(&self) -> Vec<PipeId> {
        self.iter().map(|entry| entry.pipe.id).collect()
    }

    /// The next pipes to be looked at, by their slots, and whether there are more in this round.
    pub(crate) fn next_to_check(&mut self) -> (Range<usize>, bool) {
        self.checks.take(self.entries.end())
    }

    /// At most `most` slots from this one on, and whether there are more.
    pub(crate) fn slots_from(&self, slot: usize, most: usize) -> (Range<usize>, bool) {
        let end = self.entries.end();
        let slots = slot.min(end)..end.min(slot + most);
        let more = slots.end < end;
        (slots, more)
    }

    /// The pipe in this slot, if there is one.
    pub(crate) fn at_mut(&mut self, slot: usize) -> Option<&mut Entry> {
        self.entries.at_mut(slot)
    }

    /// The pipes in these slots.
    pub(crate) fn iter_in(&self, slots: Range<usize>) -> impl Iterator<Item = &Entry> {
        self.entries.iter_in(slots)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}
