/// What must hold whatever the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Law {
    /// What is delivered was sent, byte for byte.
    Intact,
    /// Without devices in between, a message comes from the peer at the other end of its pipe.
    Address,
    /// Messages of a pipe are delivered in the order in which they were sent, and each once.
    Order,
    /// What goes to one of many is delivered once.
    Once,
    /// What arrives is delivered once or dropped for a reason, and nobody is hung up on who keeps to the protocol.
    Verdict,
    /// Sent = delivered + counted drops + still queued + what died with a pipe or a socket.
    Accounts,
    /// A peer that is counted as full is there, and one that is counted as gone is not.
    Reason,
    /// An answer belongs to the request or the survey under which it is delivered.
    RightAnswer,
    /// A request ends once, and has one answer if it ends with one.
    OneAnswer,
    /// Nothing is delivered after a deadline, and no deadline comes early.
    Deadline,
    /// A request that is sent again, or has a deadline, ends; a survey does.
    Ends,
    /// The first answer of a peer that was asked has a place, however often others answer.
    Shares,
    /// What goes to one of many is given up only when it was itself cut short more often than a message may be.
    GivenUp,
    /// What came back from a dead pipe and waits for another is counted in the memory, and what does not wait is not.
    Memory,
    /// A request whose peer has gone is sent again at once, or as soon as there is room.
    Again,
    /// A survey that may end early does when everybody has answered or left, and says truly which of the two it was.
    EarlyEnd,
    /// A sender that can wait for room loses nothing for want of it.
    Patience,
    /// A subscriber gets what begins with one of its prefixes, and nothing else.
    Matching,
    /// A PAIR has one peer at a time, and takes one if it has none; everybody else takes all.
    OnePeer,
    /// Nobody hears what it said.
    NoEcho,
    /// Where there is room, nobody waits for it.
    Room,
    /// A message goes through no more devices than the TTL allows.
    Hops,
    /// When nobody begins anything any more, everything comes to rest; in a ring of devices, too.
    Quiet,
}

/// A law that was broken, and how.
#[derive(Debug, Clone)]
pub(crate) struct Breach {
    pub(crate) law: Law,
    pub(crate) how: String,
}
