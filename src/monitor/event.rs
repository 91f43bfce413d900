use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use hubless_transport::Peer;

use super::{Failure, IoCause, Limit, LocalEndpoint, Removal};
use crate::human::{counted, duration, moment};
use crate::stats::Drops;
use crate::traffic::Traffic;

/// Something that happened to a socket. Printed, it is a line for a log, with the time in UTC; its [`kind`](Self::kind) alone is a line
/// for a logger that has a clock of its own:
///
/// ```
/// let pull = hubless::Pull::new()?;
/// let monitor = pull.monitor();
/// let at = pull.listen("inproc://event-example")?;
/// let event = monitor.recv()?;
/// println!("{event}"); // 2026-11-30T18:04:05.123Z listening at inproc://event-example
/// assert_eq!(event.kind.to_string(), "listening at inproc://event-example");
/// # assert!(event.to_string().ends_with("Z listening at inproc://event-example"));
/// # Ok::<(), hubless::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When it happened; of [`Lost`](EventKind::Lost), when that was told.
    pub at: SystemTime,
    /// What happened.
    pub kind: EventKind,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", moment(self.at), self.kind)
    }
}

/// What happened to a socket, with whom, and why.
///
/// A connection is named by the number of its pipe, which no other connection of the process has or will soon have; the
/// same number is in [`PipeStats`](crate::PipeStats).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A listener is bound: peers can connect.
    #[non_exhaustive]
    Listening {
        /// The listener.
        via: LocalEndpoint,
    },
    /// A dialer begins an attempt; where it was given a name, once that has been looked up.
    #[non_exhaustive]
    Connecting {
        /// The dialer.
        via: LocalEndpoint,
        /// The network address, where the dialer was given a name.
        address: Option<SocketAddr>,
    },
    /// A peer is connected, past the handshake.
    #[non_exhaustive]
    Connected {
        /// The number of the pipe.
        pipe: u32,
        /// Who is at the other end.
        peer: Peer,
        /// The dialer or listener it came through.
        via: LocalEndpoint,
    },
    /// A connection, or an attempt at one, came to nothing.
    #[non_exhaustive]
    ConnectionFailed {
        /// The dialer or listener.
        via: LocalEndpoint,
        /// Who was at the other end, or was to be; nobody where it did not come to that.
        peer: Option<Peer>,
        /// Why.
        failure: Failure,
    },
    /// A connection was turned away because of a limit.
    #[non_exhaustive]
    ConnectionRefused {
        /// The listener.
        via: LocalEndpoint,
        /// Who was at the other end.
        peer: Peer,
        /// The limit.
        limit: Limit,
    },
    /// A peer is no longer connected.
    #[non_exhaustive]
    Removed {
        /// The number of the pipe.
        pipe: u32,
        /// Who was at the other end.
        peer: Peer,
        /// The dialer or listener it came through.
        via: LocalEndpoint,
        /// Why.
        removal: Removal,
        /// What went through the pipe.
        traffic: Traffic,
        /// Messages that were queued for this peer and had not left. Another peer gets them, or they are counted as dropped.
        unsent: usize,
    },
    /// A dialer will try again.
    #[non_exhaustive]
    Retrying {
        /// The dialer.
        via: LocalEndpoint,
        /// How long after this event.
        after: Duration,
        /// When that is.
        at: Instant,
    },
    /// The system gives a listener no connections now, for want of descriptors or memory, or its transport panicked. It tries again
    /// by itself.
    #[non_exhaustive]
    AcceptingPaused {
        /// The listener.
        via: LocalEndpoint,
        /// For how long.
        pause: Duration,
        /// What the system said, or that it was a panic.
        cause: IoCause,
    },
    /// A dialer or listener was closed, or its socket is being closed. Connections that came through it end after this.
    #[non_exhaustive]
    EndpointClosed {
        /// The dialer or listener.
        via: LocalEndpoint,
    },
    /// Messages were dropped since the last event of this kind, which comes ten times a second at the most, and when
    /// one more monitor is made. What matched no subscription was not wanted, and is not told.
    #[non_exhaustive]
    Dropped {
        /// How many, by reason.
        drops: Drops,
    },
    /// This many events were dropped here, because they were not taken in time.
    Lost(u64),
    /// The socket is closed. There will be no other event.
    Closed,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { via } => write!(f, "listening at {}", via.address()),
            Self::Connecting { via, address: None } => write!(f, "connecting to {}", via.address()),
            Self::Connecting { via, address: Some(address) } => {
                write!(f, "connecting to {}, which is {address}", via.address())
            }
            Self::Connected { pipe, peer, via } => {
                write!(f, "connected {} (pipe {pipe})", With(Some(peer), via))
            }
            Self::ConnectionFailed { via, peer, failure } => {
                write!(f, "no connection {}: {failure}", With(peer.as_ref(), via))
            }
            Self::ConnectionRefused { via, peer, limit } => {
                write!(f, "{peer} was turned away by {via}: {limit}")
            }
            Self::Removed { pipe, peer, via, removal, traffic, unsent } => {
                write!(f, "the connection {} ended (pipe {pipe}): {removal}", With(Some(peer), via))?;
                if *traffic != Traffic::default() {
                    write!(f, "; {traffic}")?;
                }
                if *unsent > 0 { write!(f, "; {} unsent", counted(*unsent, "message")) } else { Ok(()) }
            }
            Self::Retrying { via, after, .. } => write!(f, "{via} tries again in {}", duration(*after)),
            Self::AcceptingPaused { via, pause, cause } => {
                write!(f, "{via} accepts nobody for {}: {cause}", duration(*pause))
            }
            Self::EndpointClosed { via } => write!(f, "{via} is closed"),
            Self::Dropped { drops } => write!(f, "messages dropped: {drops}"),
            Self::Lost(count) => {
                write!(f, "{} lost here, because nobody took them", counted(*count, "event"))
            }
            Self::Closed => f.write_str("the socket is closed"),
        }
    }
}

/// With whom a connection is, and through what: of a dialer that is most often one address, which is said once.
struct With<'a>(Option<&'a Peer>, &'a LocalEndpoint);

impl fmt::Display for With<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(peer), via) if peer.to_string() != via.address() => write!(f, "with {peer} by {via}"),
            Self(_, via) => write!(f, "by {via}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use hubless_transport::Credentials;

    use super::*;

    #[test]
    fn an_event_says_when_it_was() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_796_061_845_007);
        let after = Duration::from_millis(1500);
        let via = LocalEndpoint::Dialer("tcp://a:1".into());
        let kind = EventKind::Retrying {
            via,
            after,
            at: crate::engine::Clock::start().instant_of(hubless_protocol::patterns::Time(0)),
        };
        assert_eq!(
            Event { at, kind }.to_string(),
            "2026-11-30T18:04:05.007Z the dialer of tcp://a:1 tries again in 1.5 s"
        );
        assert_eq!(EventKind::Lost(1200).to_string(), "1,200 events lost here, because nobody took them");
    }

    #[test]
    fn an_event_reads_as_a_line_of_a_log() {
        let via = LocalEndpoint::Listener("ipc:///tmp/jobs".into());
        let peer = Peer::new("ipc:///tmp/jobs").with_credentials(Credentials::new(1000, 100, 4242));
        let joined = EventKind::Connected { pipe: 7, peer: peer.clone(), via: via.clone() };
        let named = "ipc:///tmp/jobs (process 4242, user 1000, group 100)";
        assert_eq!(
            joined.to_string(),
            format!("connected with {named} by the listener at ipc:///tmp/jobs (pipe 7)")
        );
        let left = EventKind::Removed {
            pipe: 7,
            peer,
            via,
            removal: Removal::MessageTooLarge { length: 9, limit: 8 },
            traffic: Traffic { sent: 3, received: 4, ..Traffic::default() },
            unsent: 1,
        };
        assert_eq!(
            left.to_string(),
            format!(
                "the connection with {named} by the listener at ipc:///tmp/jobs ended (pipe 7): the peer announced a message of 9 bytes, \
                 and the limit is 8; sent 3; received 4; 1 message unsent"
            )
        );
        let dialer = LocalEndpoint::Dialer("tcp://a:1".into());
        let joined = EventKind::Connected { pipe: 8, peer: Peer::new("tcp://a:1"), via: dialer.clone() };
        assert_eq!(joined.to_string(), "connected by the dialer of tcp://a:1 (pipe 8)");
        let joined = EventKind::Connected { pipe: 8, peer: Peer::new("tcp://10.0.0.7:1"), via: dialer };
        assert_eq!(joined.to_string(), "connected with tcp://10.0.0.7:1 by the dialer of tcp://a:1 (pipe 8)");
        let failed = EventKind::ConnectionFailed {
            via: LocalEndpoint::Dialer("tcp://nowhere:1".into()),
            peer: None,
            failure: Failure::Unresolved(io::ErrorKind::NotFound.into()),
        };
        assert_eq!(
            failed.to_string(),
            "no connection by the dialer of tcp://nowhere:1: the name cannot be looked up: entity not found"
        );
        let drops = Drops { peer_full: 12, closed: 1, ..Drops::default() };
        assert_eq!(EventKind::Dropped { drops }.to_string(), "messages dropped: 12 peer full, 1 closed");
    }
}
