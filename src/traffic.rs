//! What went through the parts of a socket: its pipes, dialers and listeners.

use std::fmt;
use std::time::Instant;

use hubless_transport::Peer;

use crate::engine::Clock;
use crate::human::{Table, count, duration};
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

    /// What went through, and what waits to.
    fn rows(&self, table: Table, send_queue: usize, recv_queue: usize) -> Table {
        table
            .messages("sent", self.sent, self.sent_bytes, (send_queue, "queued"))
            .messages("received", self.received, self.received_bytes, (recv_queue, "waiting"))
            .row_of_reasons("dropped", &self.drops.named())
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.sent_bytes += other.sent_bytes;
        self.received += other.received;
        self.received_bytes += other.received_bytes;
        self.drops = self.drops.with(&other.drops, |one, more| one + more);
    }
}

/// As in `sent 1,200 (1.2 MiB); received 3 (12 bytes)`, without zeros, or `nothing`. `{:#}` has a line for each count.
impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.rows(Table::new(), 0, 0);
        if table.is_empty() { f.pad("nothing") } else { table.fmt(f) }
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
///     // inproc://pipes-example through the listener at inproc://pipes-example for 3 ms:
///     // received 1 (3 bytes)
///     println!("{pipe}");
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

/// `{:#}` has a line for each count.
impl fmt::Display for PipeStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, via, traffic, .. } = self;
        let clock = Clock::start();
        let stood = duration(clock.now().since(clock.time_of(self.since)));
        let table = traffic.rows(Table::new(), self.send_queue, self.recv_queue);
        write!(f, "{peer} through {via} for {stood}")?;
        match (table.is_empty(), f.alternate()) {
            (true, _) => Ok(()),
            (false, false) => write!(f, ": {table}"),
            (false, true) => write!(f, "\n{table:#}"),
        }
    }
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

/// As in `peers 1 (2 connected, 1 reconnected); sent 3 (12 bytes)`, without zeros. `{:#}` has a line for each count.
impl fmt::Display for DialerStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pipes, connected, reconnected, failed, .. } = *self;
        let in_all = if connected > pipes as u64 { connected } else { 0 };
        let table = Table::new()
            .row("peers", pipes)
            .detail(in_all, &format!("{} connected", count(connected)))
            .detail(reconnected, &format!("{} reconnected", count(reconnected)))
            .detail(failed, &format!("{} failed", count(failed)))
            .row_of_reasons("refused", &self.refused.named());
        self.traffic.rows(table, 0, 0).fmt(f)
    }
}

/// As in `peers 2 (5 accepted); refused 1 (wrong pattern); received 12 (3 KiB)`, without zeros. `{:#}` has a line for each count.
impl fmt::Display for ListenerStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_all = if self.accepted > self.pipes as u64 { self.accepted } else { 0 };
        let table = Table::new()
            .row("peers", self.pipes)
            .detail(in_all, &format!("{} accepted", count(self.accepted)))
            .row_of_reasons("refused", &self.refused.named());
        self.traffic.rows(table, 0, 0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic() -> Traffic {
        let drops = Drops { pipe_lost: 3, ..Drops::default() };
        Traffic { sent: 1200, sent_bytes: 1 << 20, received: 3, received_bytes: 12, drops }
    }

    #[test]
    fn traffic_is_one_line_or_one_for_each_count() {
        assert_eq!(Traffic::default().to_string(), "nothing");
        let line = "sent 1,200 (1 MiB); received 3 (12 bytes); dropped 3 (pipe lost)";
        assert_eq!(traffic().to_string(), line);
        let lines = "\
sent      1,200  1 MiB
received      3  12 bytes
dropped       3  pipe lost";
        assert_eq!(format!("{:#}", traffic()), lines);
    }

    #[test]
    fn a_pipe_says_with_whom_it_is_since_when_and_what_went_through() {
        let clock = Clock::start();
        let mut pipe = PipeStats {
            id: 7,
            peer: Peer::new("tcp://10.0.0.1:4000"),
            via: LocalEndpoint::Listener("tcp://0.0.0.0:5555".into()),
            since: clock.instant_of(clock.now()),
            traffic: traffic(),
            send_queue: 5,
            recv_queue: 0,
        };
        let shown = pipe.to_string();
        let named = "tcp://10.0.0.1:4000 through the listener at tcp://0.0.0.0:5555 for ";
        let (age, counts) = shown.strip_prefix(named).and_then(|rest| rest.split_once(": ")).unwrap();
        assert!(age.ends_with('s') || age.contains(" min") || age.contains(" h"), "{age}");
        assert_eq!(counts, "sent 1,200 (1 MiB, 5 queued); received 3 (12 bytes); dropped 3 (pipe lost)");
        assert!(format!("{pipe:#}").contains("\nsent      1,200  1 MiB, 5 queued\n"), "{pipe:#}");
        (pipe.traffic, pipe.send_queue) = (Traffic::default(), 0);
        assert!(pipe.to_string().starts_with(named) && !pipe.to_string().contains(": "), "{pipe}");
    }

    #[test]
    fn dialers_and_listeners_print_their_peers_and_what_went_through() {
        let refused = Refused { wrong_pattern: 1, ..Refused::default() };
        let dialer = DialerStats { pipes: 1, connected: 1, ..DialerStats::default() };
        assert_eq!(dialer.to_string(), "peers 1");
        let dialer =
            DialerStats { connected: 3, reconnected: 2, failed: 1500, refused, traffic: traffic(), ..dialer };
        assert_eq!(
            dialer.to_string(),
            "peers 1 (3 connected, 2 reconnected, 1,500 failed); refused 1 (wrong pattern); sent 1,200 (1 MiB); \
             received 3 (12 bytes); dropped 3 (pipe lost)"
        );
        let listener = ListenerStats { pipes: 0, accepted: 2, refused, traffic: Traffic::default() };
        assert_eq!(listener.to_string(), "peers 0 (2 accepted); refused 1 (wrong pattern)");
        assert_eq!(format!("{listener:#}"), "peers    0  2 accepted\nrefused  1  wrong pattern");
        assert_eq!(ListenerStats::default().to_string(), "peers 0");
    }
}
