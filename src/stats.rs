//! What a socket has counted so far, as a whole; its parts are in `traffic`.

use std::fmt;

use crate::human::{self, Table, bytes, count};

/// A snapshot of a socket's counters, all since it was made.
///
/// For every pattern, over unbroken connections and with nothing under way in the system:
///
/// * what was to be sent = [`sent`](Self::sent) + dropped before it was queued ([`peer_full`](Drops::peer_full),
///   [`requester_gone`](Drops::requester_gone));
/// * `sent` = [`received`](Self::received) by the peers + dropped by them on arrival ([`filtered`](Drops::filtered),
///   [`stray`](Drops::stray), [`too_many_hops`](Drops::too_many_hops), [`inbox_full`](Drops::inbox_full)) + still in
///   [`send_queue`](Self::send_queue) + dropped after it was queued ([`closed`](Drops::closed),
///   [`pipe_lost`](Drops::pipe_lost));
/// * `received` = taken by the user + still in [`recv_queue`](Self::recv_queue) + [`unreceived`](Drops::unreceived).
///
/// A message that moves to another peer, because its own went away, counts as sent once more. A publisher that drops the
/// oldest ([`Overflow::DropOldest`](crate::Overflow::DropOldest)) drops what was queued, so its `peer_full` stands in the
/// second line and not in the first, but for a new message that was lost because nothing older could be dropped.
///
/// Printed, it leaves out what is zero. `{}` is one line, and `{:#}` has a line for each count:
///
/// ```
/// let mut stats = hubless::Stats::default();
/// (stats.pipes, stats.connected, stats.disconnected) = (2, 3, 1);
/// (stats.sent, stats.sent_bytes, stats.send_queue) = (12_345, 1 << 21, 7);
/// (stats.drops.peer_full, stats.drops.closed) = (12, 1);
/// assert_eq!(
///     stats.to_string(),
///     "peers 2 (3 connected, 1 disconnected); sent 12,345 (2 MiB, 7 queued); \
///      dropped 13 (12 peer full, 1 closed)"
/// );
/// assert_eq!(
///     format!("{stats:#}"),
///     "\
/// peers         2  3 connected, 1 disconnected
/// sent     12,345  2 MiB, 7 queued
/// dropped      13  12 peer full, 1 closed"
/// );
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Live peers now.
    pub pipes: usize,
    /// Messages handed to peers' queues: one send to three subscribers counts three.
    pub sent: u64,
    /// Bytes of those, headers of the pattern included.
    pub sent_bytes: u64,
    /// Messages that arrived and were delivered to this socket, taken by the user or not.
    pub received: u64,
    /// Bytes of those bodies.
    pub received_bytes: u64,
    /// Messages that wait to leave.
    pub send_queue: usize,
    /// Messages that wait to be received.
    pub recv_queue: usize,
    /// Pipes that came into being.
    pub connected: u64,
    /// Those of them that a dialer made anew, after it had made one before.
    pub reconnected: u64,
    /// Pipes that came to an end.
    pub disconnected: u64,
    /// Those of them that ended because the system had no memory for a message that arrived.
    pub out_of_memory: u64,
    /// Messages that were dropped, by reason.
    pub drops: Drops,
    /// Peers that broke the protocol, by way; each was disconnected.
    pub violations: ProtocolViolations,
    /// Connections that ended before they became a pipe, by reason.
    pub refused: Refused,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pipes, connected, reconnected, disconnected, out_of_memory, .. } = *self;
        // Where nobody has left, it says no more than the number of peers.
        let in_all = if disconnected > 0 { connected } else { 0 };
        Table::new()
            .row("peers", pipes)
            .detail(in_all, &format!("{} connected", count(connected)))
            .detail(reconnected, &format!("{} reconnected", count(reconnected)))
            .detail(disconnected, &format!("{} disconnected", count(disconnected)))
            .detail(out_of_memory, &format!("{} out of memory", count(out_of_memory)))
            .messages("sent", self.sent, self.sent_bytes, (self.send_queue, "queued"))
            .messages("received", self.received, self.received_bytes, (self.recv_queue, "waiting"))
            .row_of_reasons("dropped", &self.drops.named())
            .row_of_reasons("refused", &self.refused.named())
            .row_of_reasons("violations", &self.violations.named())
            .fmt(f)
    }
}

impl Table {
    /// A row of messages that went one way, if any did or wait to.
    pub(crate) fn messages(
        self,
        name: &'static str,
        messages: u64,
        size: u64,
        (queue, waits): (usize, &str),
    ) -> Self {
        let queue = queue as u64;
        let queued = format!("{} {waits}", count(queue));
        self.row_of_some(name, messages, &[(size, bytes(size).to_string()), (queue, queued)])
    }
}

/// Messages that hubless itself dropped, by reason. What the system had taken when the machine failed, or the peer died or closed
/// before it had read it, is not among them. See [`Stats`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drops {
    /// The queue of the peer, or the memory of the context, was full, in a pattern that drops; which message that costs is
    /// the publisher's choice, see [`Overflow`](crate::Overflow).
    pub peer_full: u64,
    /// The pipe died before the message had left.
    pub pipe_lost: u64,
    /// More answers to one survey than are kept. Or, where memory was short, an answer that no call and no future waited for, while
    /// somebody waited for another behind it: its request fails with [`Error::PeerLost`](crate::Error::PeerLost). Of a survey that somebody
    /// waits at, only the next answer is waited for; another that is dropped is missing there, and this count alone tells.
    pub inbox_full: u64,
    /// Arrived and matched no subscription.
    pub filtered: u64,
    /// An answer to nothing: late, duplicate, or never asked for.
    pub stray: u64,
    /// Came over more hops than [`Builder::max_hops`](crate::Builder::max_hops) allows.
    pub too_many_hops: u64,
    /// An answer for a peer that has left.
    pub requester_gone: u64,
    /// A request that was dropped without an answer.
    pub unanswered: u64,
    /// Still queued to leave when the socket closed.
    pub closed: u64,
    /// Arrived, and not taken by the user when the socket closed, or not yet delivered when its pipe ended.
    pub unreceived: u64,
}

impl Drops {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, count)| count).sum()
    }

    /// Each count, with a name for people.
    pub(crate) fn named(&self) -> [(&'static str, u64); 10] {
        [
            ("peer full", self.peer_full),
            ("pipe lost", self.pipe_lost),
            ("inbox full", self.inbox_full),
            ("filtered", self.filtered),
            ("stray", self.stray),
            ("too many hops", self.too_many_hops),
            ("requester gone", self.requester_gone),
            ("unanswered", self.unanswered),
            ("closed", self.closed),
            ("unreceived", self.unreceived),
        ]
    }

    /// Each count of one with that of the other, combined.
    pub(crate) fn with(&self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            peer_full: combine(self.peer_full, other.peer_full),
            pipe_lost: combine(self.pipe_lost, other.pipe_lost),
            inbox_full: combine(self.inbox_full, other.inbox_full),
            filtered: combine(self.filtered, other.filtered),
            stray: combine(self.stray, other.stray),
            too_many_hops: combine(self.too_many_hops, other.too_many_hops),
            requester_gone: combine(self.requester_gone, other.requester_gone),
            unanswered: combine(self.unanswered, other.unanswered),
            closed: combine(self.closed, other.closed),
            unreceived: combine(self.unreceived, other.unreceived),
        }
    }
}

/// Those that are not zero, as in `12 peer full, 1 closed`, or `none`.
impl fmt::Display for Drops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        human::reasons(f, &self.named())
    }
}

/// Ways in which connected peers broke the protocol. See [`Stats`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProtocolViolations {
    /// A message over the limit was announced.
    pub message_too_large: u64,
    /// A frame of an unknown type (ipc).
    pub unknown_frame: u64,
    /// A header too short, or without its end.
    pub malformed_header: u64,
    /// A message to a socket that receives none.
    pub unexpected_message: u64,
    /// A message that was begun and came at less than 1 KiB a second.
    pub too_slow: u64,
}

impl ProtocolViolations {
    fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("message too large", self.message_too_large),
            ("unknown frame", self.unknown_frame),
            ("malformed header", self.malformed_header),
            ("unexpected message", self.unexpected_message),
            ("too slow", self.too_slow),
        ]
    }
}

/// Those that are not zero, as in `2 malformed header, 1 too slow`, or `none`.
impl fmt::Display for ProtocolViolations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        human::reasons(f, &self.named())
    }
}

/// Why connections ended before they became a pipe. See [`Stats`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The peer does not speak the wire protocol, or its handshake is malformed.
    pub unknown_protocol: u64,
    /// The peer speaks a version of the wire protocol that is not known here.
    pub unknown_version: u64,
    /// The peer has the wrong pattern.
    pub wrong_pattern: u64,
    /// The handshake was not over by its deadline.
    pub too_slow: u64,
    /// The peer left, or the connection failed, before the handshake was over.
    pub broken: u64,
    /// A PAIR that has its peer.
    pub already_paired: u64,
    /// A limit on connections.
    pub too_many: u64,
    /// The listener's [`Admission`](crate::admission::Admission) did not let the peer in, or it is another user's at an `ipc://@name`.
    pub denied: u64,
}

impl Refused {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, count)| count).sum()
    }

    /// Each count, with a name for people.
    pub(crate) fn named(&self) -> [(&'static str, u64); 8] {
        [
            ("unknown protocol", self.unknown_protocol),
            ("unknown version", self.unknown_version),
            ("wrong pattern", self.wrong_pattern),
            ("too slow", self.too_slow),
            ("broken", self.broken),
            ("already paired", self.already_paired),
            ("too many", self.too_many),
            ("denied", self.denied),
        ]
    }
}

/// Those that are not zero, as in `3 wrong pattern, 1 denied`, or `none`.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        human::reasons(f, &self.named())
    }
}
