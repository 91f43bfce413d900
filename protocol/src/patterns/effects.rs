use std::time::Duration;

use hubless_transport::{Message, Packet};

use crate::{Control, ControlRefused};

/// A point in time: nanoseconds since a start that the engine chose. Arithmetic saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time(pub u64);

impl Time {
    /// This much later; at the end of time where that is too far.
    #[must_use]
    #[inline]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// How long after `earlier` this is; nothing if it is before.
    #[must_use]
    #[inline]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// One live peer of one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PipeId {
    /// Its place in the socket's table.
    pub slot: u32,
    /// Its number on the wire (sp.md section 7): 31 bits, never 0, unique among the live pipes of the process and not
    /// used again soon. It also tells a pipe from an earlier one in the same place.
    pub number: u32,
}

/// Names the inbox of one pending request or survey: the id it has on the wire.
pub type Key = u32;

/// Where a message is delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Inbox {
    /// The socket's own.
    Socket,
    /// That of a pending request or survey.
    Keyed(Key),
}

/// How many answers to one survey may wait that came from one peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The peer is one of those that were asked, and has a share of its own: one answer at least has a place, however many wait.
    /// All others have one together.
    pub asked: bool,
    /// How many of them.
    pub most: usize,
}

/// The pipe has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// How often a message may be interrupted before it is given up.
pub(super) const MAX_INTERRUPTIONS: u8 = 3;

/// A message that a dead pipe did not get rid of.
#[derive(Debug)]
pub struct UnsentMessage {
    /// The message, as it was pushed.
    pub packet: Packet,
    /// How often it was interrupted: this time, if its pipe died when it was written in part, and as often as was
    /// [noted](Effects::note_interruptions) before. The peers may hang up because of it, as one does that is told of more bytes than
    /// it takes, so it must not be sent again for ever.
    pub interruptions: u8,
}

impl UnsentMessage {
    /// Bytes of memory that it takes.
    #[inline]
    pub fn cost(&self) -> usize {
        self.packet.len() + size_of::<Self>()
    }
}

impl From<Packet> for UnsentMessage {
    #[inline]
    fn from(packet: Packet) -> Self {
        Self { packet, interruptions: 0 }
    }
}

/// What becomes of a message that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It was delivered, or legitimately ended here.
    Accepted,
    /// It ends here; the pipe stays.
    Drop(Loss),
    /// The peer broke the protocol: close the pipe.
    Close(ProtocolViolation),
}

/// Why a message was dropped here. Each is counted under its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// No room in the pipe of a peer, in a pattern that drops.
    PeerFull,
    /// The pipe died with the message unsent.
    PipeLost,
    /// The answers kept for one survey are at their bound.
    InboxFull,
    /// Arrived, matches no subscription.
    Filtered,
    /// An answer to nothing: late, duplicate, or never asked for.
    Stray,
    /// More hops than the TTL allows.
    TooManyHops,
    /// An answer for a peer that has left.
    RequesterGone,
    /// A request that was dropped without an answer.
    Unanswered,
    /// Still queued to leave when the socket closed.
    Closed,
    /// Arrived, and not received by the user when the socket closed.
    Unreceived,
}

/// How a peer broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProtocolViolation {
    /// A header too short, or without its end.
    MalformedHeader,
    /// A message to a socket that receives none.
    Unexpected,
}

/// Why a pattern does not take a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A PAIR already has its peer.
    AlreadyPaired,
}

/// Why a keyed inbox gets nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Its time is over.
    Deadline,
    /// The peer that had the request is gone, and it is not sent again; or some that were asked are, and the others have
    /// answered.
    PeerLost,
    /// Every answer there is has been delivered.
    Complete,
}

/// What a pattern can do to the world. The engine's takes effect on plain data at once and is acted upon when its lock is
/// released; the tests' is a recording.
pub trait Effects<Origin> {
    /// The time of this step.
    fn now(&self) -> Time;

    /// Queues a message for a pipe; what is left of `body` says nothing.
    ///
    /// # Errors
    ///
    /// [`Full`] if the pipe has no room, or is gone. `body` is untouched, and `pipe_writable` follows once there is room.
    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full>;

    /// The same for a message that goes to several pipes: copied if small, shared if large.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full>;

    /// Says something to a peer beside messages. No message that waits can hold it up or refuse it: it goes in front of the next that
    /// is not begun, behind other controls.
    ///
    /// # Errors
    ///
    /// [`ControlRefused`]: the wire has no controls, or others wait and with this one they were more than 64 KiB, or than there is memory
    /// for. Where none waits there is room for one, however large.
    fn send_control(&mut self, pipe: PipeId, control: Control<'_>) -> Result<(), ControlRefused>;

    /// The message that was pushed to this pipe last has been interrupted so often before. It comes back with that count.
    fn note_interruptions(&mut self, pipe: PipeId, interruptions: u8);

    /// From now on the machine keeps messages that came back, one more or one less than before, and those take so much memory in all. What
    /// it pushes of them is to be taken out first: it is counted there.
    fn keeps(&mut self, bytes: usize);

    /// What is pushed from now on is this request once more, which is kept already.
    fn resends(&mut self, key: Key);

    /// What is pushed from now on is anything else again. Whether that request was sent.
    fn resent(&mut self, sent: bool);

    /// Whether what is pushed has waited and goes beyond the memory now, by one of the pipes with room: then all are asked.
    fn insists(&self) -> bool;

    /// Whether the queue of a pipe has room for one more message. If not, `pipe_writable` follows when it has.
    fn has_room(&mut self, pipe: PipeId) -> bool;

    /// How many messages are queued to leave for a pipe.
    fn queued(&self, pipe: PipeId) -> usize;

    /// Whether there is memory for a message of this size to every pipe. If not, the engine calls `send` again when there is.
    fn has_memory(&mut self, bytes: usize) -> bool;

    /// Makes room for a message that was refused: drops the oldest that is queued for this pipe and of which nothing is written. `false`
    /// if there is none, or if all of them would not make enough; then none is dropped. Only in a pattern that
    /// [says so](super::Queueing::DroppingOldest).
    fn drop_oldest(&mut self, pipe: PipeId, refused: &Message) -> bool;

    /// Puts a message into an inbox. A message for the socket counts against the credit of `pipe`; when that is used up
    /// the engine stops reading the pipe. A keyed inbox at its limit drops the message and counts it; one that does not
    /// exist does the same.
    fn deliver(&mut self, inbox: Inbox, pipe: PipeId, origin: Origin, body: Message);

    /// Puts an answer into the inbox of a survey, or drops and counts it where its peer's share is used up.
    fn deliver_answer(&mut self, key: Key, pipe: PipeId, origin: Origin, body: Message, share: Share);

    /// Opens the inbox of a request or survey, which holds at most `limit` answers.
    /// Until it is finished or closed, the machine keeps `kept` bytes for it, which count against the memory of the
    /// context.
    fn open(&mut self, key: Key, limit: usize, kept: usize);

    /// Whether the inbox of this request or survey is there, or somebody has yet to look what came of it. Its key is not free.
    fn is_open(&self, key: Key) -> bool;

    /// Nothing more will be delivered under `key`. What was delivered stays.
    fn finish(&mut self, key: Key, ending: Ending);

    /// Asks for `timer` at this time instead of the one asked for before. `None`: no longer needed.
    fn arm(&mut self, at: Option<Time>);

    /// Counts a lost message.
    fn count(&mut self, loss: Loss);

    /// Counts a message that was to go to this pipe, or came by it, and is lost.
    fn count_for(&mut self, pipe: PipeId, loss: Loss);
}
