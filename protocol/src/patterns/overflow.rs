/// What a publisher does with a message for which the queue of a subscriber has no room.
///
/// A queue is full at `send_buffer` messages or `send_buffer_bytes`, to which what the system has taken does not count,
/// or when it has its share of the context's memory. Whatever is dropped is counted in `Drops::peer_full`, once for
/// each subscriber that does not get it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// That subscriber loses the new message, and the others get it. Publishing never waits.
    #[default]
    DropNewest,
    /// That subscriber loses its oldest messages, as many as make room for the new one, and the others lose nothing.
    /// Publishing never waits. A message that is partly written already stays: where it fills the queue alone, the new
    /// one is lost. So is a new one for which the memory of the context has no place though all were dropped; then none
    /// is.
    DropOldest,
    /// Publishing waits until every connected subscriber has room, and nobody loses anything. The slowest subscriber so
    /// sets the pace of all, and one that is connected and reads nothing stops it: `send_timeout` bounds the wait. One
    /// that goes away is waited for no longer.
    Block,
}
