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
use crate::traffic::{DialerStats, ListenerStats, Traffic};

/// How long to wait for the background thread to close one.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a dialer is doing.
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

/// What is known of a dialer.
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

/// What is known of a listener.
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
