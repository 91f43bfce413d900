//! What went through the parts of a socket: its pipes, dialers and listeners.

use std::time::Instant;

use hubless_transport::Peer;

use crate::monitor::LocalEndpoint;
use crate::stats::{Drops, Refused};

/// What went through one pipe, or through all pipes of one dialer or listener. The counts mean what they mean in
/// [`Stats`](crate::Stats), and the same law holds for the two ends of a pipe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Messages handed to the queue.
    pub sent: u64,
    /// Bytes of those, headers of the pattern included.
    pub sent_bytes: u64,
    /// Messages that arrived and were delivered to the socket, taken by the user or not.
    pub received: u64,
    /// Bytes of those bodies.
    pub received_bytes: u64,
    /// Messages lost on their way out or in, by reason. What is lost with the pipe, or with the socket, is in the counts of the
    /// socket alone.
    pub drops: Drops,
}

impl Traffic {
    /// One message has arrived.
    #[inline]
    pub(crate) fn receive(&mut self, bytes: usize) {
        self.received += 1;
        self.received_bytes += bytes as u64;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.sent_bytes += other.sent_bytes;
        self.received += other.received;
        self.received_bytes += other.received_bytes;
        self.drops = self.drops.with(&other.drops, |one, more| one + more);
    }
}

/// One live pipe: who is at its other end, and what went through it. Every socket lists its own with `pipes()`.
///
/// ```
/// use hubless::{Pull, Push};
///
/// let (pull, push) = (Pull::new()?, Push::new()?);
/// let at = pull.listen("inproc://pipes-example")?;
/// push.dial(at.address())?;
/// push.send("job")?;
/// assert_eq!(pull.recv()?, "job");
/// for pipe in pull.pipes() {
///     assert_eq!(pipe.via.address(), "inproc://pipes-example");
///     assert_eq!((pipe.traffic.received, pipe.traffic.received_bytes), (1, 3));
///     println!("{}: {} messages waiting", pipe.peer.address, pipe.recv_queue);
/// }
/// # Ok::<(), hubless::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipeStats {
    /// Its number, which no other pipe of the process has or will soon have. A raw socket that answers puts it in front of what
    /// it receives.
    pub id: u32,
    /// Who is at the other end.
    pub peer: Peer,
    /// The dialer or listener it came through.
    pub via: LocalEndpoint,
    /// Since when it has stood.
    pub since: Instant,
    /// What went through it.
    pub traffic: Traffic,
    /// Messages that wait to leave through it.
    pub send_queue: usize,
    /// Messages that came by it and wait to be received.
    pub recv_queue: usize,
}

/// What a dialer has counted: see [`Dialer::stats`](crate::Dialer::stats).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DialerStats {
    /// Live pipes now: one or none.
    pub pipes: usize,
    /// Connections that came to stand.
    pub connected: u64,
    /// Those of them that were not the first.
    pub reconnected: u64,
    /// Rounds that failed: attempts, or where a name has several addresses, attempts at all of them.
    pub failed: u64,
    /// Connections that ended before they became a pipe, by reason.
    pub refused: Refused,
    /// What went through all its pipes, those that are gone included.
    pub traffic: Traffic,
}

/// What a listener has counted: see [`Listener::stats`](crate::Listener::stats).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerStats {
    /// Live pipes now.
    pub pipes: usize,
    /// Connections that became a pipe.
    pub accepted: u64,
    /// Connections that did not, by reason.
    pub refused: Refused,
    /// What went through all its pipes, those that are gone included.
    pub traffic: Traffic,
}
