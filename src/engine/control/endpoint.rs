//! What a user sees of a dialer or listener.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::completion::Completion;
use super::managed_socket::ManagedSocket;
use super::pipe::endpoint_counters::{EndpointCounters, SourceEndpoint};
use super::sys::clock::Clock;
use super::sys::sync::Mutex;
use super::until::Until;
use super::worker_handle::{Command, WorkerHandle, in_background};
use crate::human::{count, counted, duration};
use crate::traffic::{DialerStats, ListenerStats, Traffic};

/// How long to wait for the background thread to close one.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a dialer is doing. Printed: `connecting`, `connected`, `waiting 100 ms for the next attempt` or `closed`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DialerState {
    /// An attempt is under way.
    #[default]
    Connecting,
    /// The connection stands.
    Connected,
    /// The last attempt failed or the connection ended; the next attempt comes after this pause.
    Waiting(Duration),
    /// Closed, or its socket was.
    Closed,
}

/// What is known of a dialer. Printed: `waiting 100 ms for the next attempt; 3 attempts failed; last error: Connection refused`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DialerStatus {
    /// What it is doing.
    pub state: DialerState,
    /// Why the last attempt failed or the last connection ended, if one did.
    pub last_error: Option<String>,
    /// Connections that came to stand.
    pub connected: u64,
    /// Rounds that failed: attempts, or where a name has several addresses, attempts at all of them.
    pub failed: u64,
}

/// What is known of a listener. Printed: `listening, 2 peers (5 accepted, 1 refused); last error: the peer is a PUSH, and a REP
/// talks to a REQ`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListenerStatus {
    /// Closed, or its socket was.
    pub closed: bool,
    /// Live peers that came through it.
    pub pipes: usize,
    /// Peers about which its [`Admission`](crate::admission::Admission) has yet to decide.
    pub pending: usize,
    /// Connections that became a pipe.
    pub accepted: u64,
    /// Connections that did not.
    pub refused: u64,
    /// Why the last one did not, what the last peer did wrong that was disconnected, why accepting paused, or that the address was
    /// taken away, as by a cleaner that removes socket files: why nobody finds the listener, or that it was taken again.
    pub last_error: Option<String>,
}

impl fmt::Display for DialerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.pad("connecting"),
            Self::Connected => f.pad("connected"),
            Self::Waiting(pause) => write!(f, "waiting {} for the next attempt", duration(*pause)),
            Self::Closed => f.pad("closed"),
        }
    }
}

impl fmt::Display for DialerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, last_error, connected, failed } = self;
        write!(f, "{state}")?;
        match (*connected, state) {
            (0, _) | (1, DialerState::Connected) => {}
            (times, _) => write!(f, "; connected {}", counted(times, "time"))?,
        }
        if *failed > 0 {
            write!(f, "; {} failed", counted(*failed, "attempt"))?;
        }
        last_error.as_ref().map_or(Ok(()), |error| write!(f, "; last error: {error}"))
    }
}

impl fmt::Display for ListenerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { closed, pipes, pending, accepted, refused, last_error } = self;
        let state = if *closed { "closed" } else { "listening" };
        write!(f, "{state}, {}", counted(*pipes, "peer"))?;
        let gone = if *accepted > *pipes as u64 { *accepted } else { 0 };
        let parts = [(gone, "accepted"), (*pending as u64, "to be decided about"), (*refused, "refused")];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", count(number)))
            .collect();
        if !parts.is_empty() {
            write!(f, " ({})", parts.join(", "))?;
        }
        last_error.as_ref().map_or(Ok(()), |error| write!(f, "; last error: {error}"))
    }
}

/// The handle of one dialer: it connects to one address, and again whenever the connection ends, until it or its
/// socket is closed. Dropping the handle changes nothing.
#[derive(Clone)]
pub struct Dialer {
    pub(crate) address: Arc<str>,
    pub(crate) end: End,
    pub(crate) status: Arc<Mutex<DialerStatus>>,
}

impl Dialer {
    /// The address, as given.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How it is doing. Never blocks.
    pub fn status(&self) -> DialerStatus {
        self.status.lock().clone()
    }

    /// What it has counted so far, since it was made. Never blocks.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # let pull = hubless::Pull::new()?;
    /// # let at = pull.listen("inproc://dialer-stats-example")?;
    /// let push = hubless::Push::new()?;
    /// let dialer = push.dial(at.address())?;
    /// push.send("job")?;
    /// let stats = dialer.stats();
    /// assert_eq!((stats.pipes, stats.connected, stats.reconnected), (1, 1, 0));
    /// assert_eq!((stats.traffic.sent, stats.traffic.sent_bytes), (1, 3));
    /// # Ok::<(), hubless::Error>(())
    /// ```
    pub fn stats(&self) -> DialerStats {
        let Some((EndpointCounters { connected, refused, .. }, pipes, traffic)) = self.end.counted() else {
            return DialerStats::default();
        };
        let reconnected = connected.saturating_sub(1);
        DialerStats { pipes, connected, reconnected, failed: self.status().failed, refused, traffic }
    }

    /// Stops dialing and closes the connection that it made. Messages queued for that go to another peer or are counted
    /// as lost, as the pattern has it. Waits for the background thread, not for any peer, and where that is held up, by a judge or a
    /// logger of the program's, a second at most: it is closed as soon as the thread comes to it. A background thread, in such a
    /// judge or logger or in a waker, does not wait.
    pub fn close(&self) {
        self.end.close();
    }
}

/// The handle of one listener: it takes peers at one address until it or its socket is closed. Dropping the handle
/// changes nothing.
#[derive(Clone)]
pub struct Listener {
    pub(crate) address: Arc<str>,
    pub(crate) end: End,
    pub(crate) status: Arc<Mutex<ListenerStatus>>,
}

impl Listener {
    /// The address it is really bound to: port 0 has become the port that the system gave. It can be dialed.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How it is doing. Never blocks.
    pub fn status(&self) -> ListenerStatus {
        self.status.lock().clone()
    }

    /// What it has counted so far, since it was made. Never blocks.
    ///
    /// ```
    /// let pull = hubless::Pull::new()?;
    /// let listener = pull.listen("inproc://listener-stats-example")?;
    /// let push = hubless::Push::new()?;
    /// push.dial(listener.address())?;
    /// push.send("job")?;
    /// pull.recv()?;
    /// let stats = listener.stats();
    /// assert_eq!((stats.pipes, stats.accepted, stats.refused.total()), (1, 1, 0));
    /// assert_eq!(stats.traffic.received, 1);
    /// # Ok::<(), hubless::Error>(())
    /// ```
    pub fn stats(&self) -> ListenerStats {
        let Some((counters, pipes, traffic)) = self.end.counted() else {
            return ListenerStats::default();
        };
        ListenerStats { pipes, accepted: counters.connected, refused: counters.refused, traffic }
    }

    /// Stops listening and closes the connections that came through it. When it returns the address is free, and
    /// [`status`](Self::status) says so. Waits for the background thread, not for any peer, and where that is held up, by a judge or a
    /// logger of the program's, a second at most: it is closed as soon as the thread comes to it. A background thread, in such a
    /// judge or logger or in a waker, does not wait.
    pub fn close(&self) {
        self.end.close();
    }
}

/// Its address.
impl fmt::Display for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.address)
    }
}

/// Its address.
impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.address)
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer")
            .field("address", &self.address)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// What both kinds of handle have of the socket's engine.
#[derive(Clone)]
pub(crate) struct End {
    pub(crate) source: Arc<SourceEndpoint>,
    pub(crate) worker: Arc<WorkerHandle>,
    pub(crate) socket: Weak<dyn ManagedSocket>,
}

impl End {
    fn close(&self) {
        if self.worker.check().is_ok() {
            let done = Arc::new(Completion::default());
            self.worker.tell(Command::CloseEndpoint(self.source.id, Arc::clone(&done)));
            if !in_background() {
                done.wait(&self.worker, &Until::after(Clock::start(), Some(PATIENCE)));
            }
        }
    }

    /// The counters, the number of live pipes, and what went through all. Nothing in the child of a fork.
    fn counted(&self) -> Option<(EndpointCounters, usize, Traffic)> {
        if self.worker.is_forked() {
            return None;
        }
        let (pipes, traffic) = match self.socket.upgrade() {
            Some(socket) => socket.carried(&self.source),
            None => (0, self.source.counters().past),
        };
        Some((*self.source.counters(), pipes, traffic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_dialer_says_how_it_is_and_what_went_wrong() {
        let status = DialerStatus::default();
        assert_eq!(status.to_string(), "connecting");
        let status = DialerStatus { state: DialerState::Connected, connected: 1, ..status };
        assert_eq!(status.to_string(), "connected");
        let status = DialerStatus {
            state: DialerState::Waiting(Duration::from_millis(1500)),
            last_error: Some("Connection refused (os error 111)".into()),
            connected: 1,
            failed: 2000,
        };
        assert_eq!(
            status.to_string(),
            "waiting 1.5 s for the next attempt; connected 1 time; 2,000 attempts failed; last error: Connection \
             refused (os error 111)"
        );
        let status = DialerStatus { state: DialerState::Closed, last_error: None, connected: 3, failed: 0 };
        assert_eq!(status.to_string(), "closed; connected 3 times");
        assert_eq!(format!("{:>10}", DialerState::Connected), " connected");
    }

    #[test]
    fn the_status_of_a_listener_says_who_came_and_who_did_not_get_in() {
        assert_eq!(ListenerStatus::default().to_string(), "listening, 0 peers");
        let status = ListenerStatus { pipes: 1, accepted: 1, ..ListenerStatus::default() };
        assert_eq!(status.to_string(), "listening, 1 peer");
        let last_error = Some("the peer does not speak SP".into());
        let status =
            ListenerStatus { closed: true, pipes: 2, pending: 1, accepted: 1005, refused: 3, last_error };
        assert_eq!(
            status.to_string(),
            "closed, 2 peers (1,005 accepted, 1 to be decided about, 3 refused); last error: the peer does not \
             speak SP"
        );
    }
}
