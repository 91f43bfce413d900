/// How a pattern has its messages queued: what the engine does where there is no room or no memory, and what it must be able
/// to take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queueing {
    /// A send waits for one pipe with room, and for memory.
    Waiting,
    /// A send drops what finds no room or no memory.
    Dropping,
    /// The same, and what is queued already can be dropped too: [`Effects::drop_oldest`](super::Effects::drop_oldest).
    DroppingOldest,
    /// A send waits for all pipes. It looks for memory and room before it begins, and what it has begun it finishes.
    AllOrNone,
}
