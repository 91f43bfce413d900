//! The handle of a background thread: commands to it, whether it lives, and its event loop as far as others use it.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::sync::Arc;

use hubless_protocol::patterns::{Role, Time};
use hubless_transport::{Listener, Notifier, Notify, Readiness, Wait};
use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};

use super::close_report::CloseReport;
use super::completion::Completion;
use super::managed_socket::ManagedSocket;
use super::memory::budget::Relief;
use super::new_endpoints::NewDialer;
use super::new_endpoints::NewListener;
use super::sys::catch_panic::catch_panic;
use super::sys::event_loop_waker::EventLoopWaker;
use super::sys::fd_limit::Evict;
use super::sys::fork;
use super::sys::ids::EndpointId;
use super::sys::ids::SocketId;
use super::sys::logging::{Level, log_line};
use super::tokens;
use super::wait::command_queue::CommandQueue;
use crate::error::Error;

/// What a background thread is asked to do.
pub(crate) enum Command {
    /// Take care of this socket from now on.
    Manage(Arc<dyn ManagedSocket>),
    Listen(NewListener),
    Dial(NewDialer),
    /// Close this dialer or listener and its pipes, then tell.
    CloseEndpoint(EndpointId, Arc<Completion<()>>),
    /// Handoff over this socket: a caller has just left its seat.
    HandOff(SocketId),
    /// Serve this socket now.
    Serve(SocketId),
    /// Flush what this socket's stream leaves, at intervals.
    Stream(SocketId),
    /// Come for the timer of this socket's pattern.
    Timer(SocketId, Time),
    /// A pipe that came from this endpoint has ended.
    PipeGone {
        role: Role,
        socket: SocketId,
        endpoint: EndpointId,
        peer: String,
        /// Where it counted, if it was accepted from a network.
        address: Option<IpAddr>,
        reason: String,
        /// The peer did what it must not.
        grave: bool,
        level: Level,
    },
    /// The system refuses to have this socket's event loop watched: see to it now and then.
    Unwatched(SocketId),
    /// The memory of the context is no longer exhausted.
    MemoryFree,
    /// A link or listener without a descriptor is ready.
    Ready(Token),
    /// A name was looked up for a dialer.
    Resolved {
        endpoint: EndpointId,
        result: io::Result<Vec<SocketAddr>>,
    },
    /// A newcomer needs the descriptor of this handshake, if that is still under way.
    Evict {
        handshake: usize,
        serial: u64,
    },
    /// Somebody has decided whether the peer of this handshake is let in; if not, why.
    Judged {
        handshake: usize,
        serial: u64,
        answer: Result<(), String>,
    },
    /// Close this socket by that time, then tell.
    Close {
        socket: SocketId,
        until: Time,
        done: Option<Arc<Completion<CloseReport>>>,
    },
    /// Let go of what this socket has thrown away.
    Bury(Arc<dyn ManagedSocket>),
    /// End when the last socket is closed.
    Stop,
    /// Run this, as a fault of the library would: nothing of the program's ends the thread.
    #[cfg(test)]
    Run(Box<dyn FnOnce() + Send>),
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Command")
    }
}

/// Commands for one background thread, and its event loop as far as others use it.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    waker: EventLoopWaker,
    commands: CommandQueue<Command>,
    generation: u32,
}

thread_local! {
    static BACKGROUND: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is a background thread, of whatever context. It must not wait for one: for itself it would for ever, and
/// another may be waiting for it.
pub(super) fn in_background() -> bool {
    BACKGROUND.get()
}

/// The token under which the waker reports; see `tokens`.
pub(super) const WAKER: Token = Token(usize::MAX);

impl WorkerHandle {
    pub(crate) fn new(poll: &Poll) -> io::Result<Self> {
        let waker = EventLoopWaker::new(poll, WAKER)?;
        let generation = fork::generation();
        Ok(Self { waker, commands: CommandQueue::default(), generation })
    }

    /// Whether calls make sense: the process is the one that made the context, and the thread lives.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_forked() {
            return Err(Error::Forked);
        }
        if self.commands.is_dead() { Err(Error::Dead) } else { Ok(()) }
    }

    /// Whether the thread is to be taken for dead though it lives.
    pub(crate) fn is_condemned(&self) -> bool {
        self.commands.is_dead()
    }

    /// Whether this is the child of a fork. There no lock of the context or its sockets may be taken: it may be held by a
    /// thread that is not there.
    #[inline]
    pub(crate) fn is_forked(&self) -> bool {
        fork::generation() != self.generation
    }

    pub(crate) fn tell(&self, command: Command) {
        let needed = self.commands.push(command);
        self.wake(needed);
    }

    /// Asks for a timer; wakes the thread only if it would sleep beyond it.
    pub(crate) fn tell_timer(&self, socket: SocketId, at: Time) {
        let needed = self.commands.push_for(at, Command::Timer(socket, at));
        self.wake(needed);
    }

    fn wake(&self, needed: bool) {
        // A thread that cannot be woken is as good as dead: the caller is told, and waits for nothing from it. It finds that
        // out by itself, as nobody sleeps without end.
        if needed
            && let Err(error) = self.waker.wake()
            && self.commands.mark_dead()
        {
            log_line!(Level::Error, "the background thread cannot be woken, and its sockets end: {error}");
        }
    }

    /// The background thread hears of those that connect to this listener, and at once of those that have.
    pub(crate) fn watch_listener(
        self: &Arc<Self>,
        key: usize,
        listener: &mut dyn Listener,
    ) -> io::Result<()> {
        let notifier = Notifier::new(Arc::clone(self) as _, tokens::listener(key).0);
        let wait = Wait::new(self.waker.registry(), notifier, Interest::READABLE);
        catch_panic(|| listener.watch(&wait)).unwrap_or_else(|panicked| Err(panicked.into()))
    }

    /// The thread takes what has come. With nothing, and `sleep` given, it is about to sleep until then.
    pub(crate) fn take(&self, into: &mut Vec<Command>, sleep: Option<Time>) {
        self.commands.take(into, sleep);
    }

    pub(crate) fn awake(&self) {
        self.commands.awake();
    }

    /// The calling thread is a background thread from now on.
    pub(crate) fn read_here() {
        BACKGROUND.set(true);
    }

    /// The thread is no more; from now on every call says so. What it has not read.
    pub(crate) fn died(&self) -> Vec<Command> {
        self.commands.close()
    }

    /// The background thread's event loop watches that of a socket. The holder of the seat calls this.
    pub(crate) fn watch(&self, poll: &Poll, token: Token) -> io::Result<()> {
        let raw = poll.as_raw_fd();
        let watch = || match self.waker.registry().register(&mut SourceFd(&raw), token, Interest::READABLE) {
            // It was to be watched no longer, and the system refused that.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.waker.registry().reregister(&mut SourceFd(&raw), token, Interest::READABLE)
            }
            outcome => outcome,
        };
        // The event loop writes a line into the log, at the finest level.
        catch_panic(watch).unwrap_or_else(|_| Err(io::Error::other("the logger panicked")))
    }

    /// And no longer. The holder of the seat calls this.
    pub(crate) fn unwatch(&self, poll: &Poll) {
        // Where that fails, the background thread wakes for nothing until it watches again.
        let unwatched = catch_panic(|| self.waker.registry().deregister(&mut SourceFd(&poll.as_raw_fd())));
        if let Ok(Err(error)) = unwatched {
            log_line!(Level::Debug, "an event loop cannot be taken over from the background thread: {error}");
        }
    }
}

impl Relief for WorkerHandle {
    fn memory_is_free(&self) {
        self.tell(Command::MemoryFree);
    }
}

impl Evict for WorkerHandle {
    fn evict(&self, handshake: usize, serial: u64) {
        self.tell(Command::Evict { handshake, serial });
    }
}

/// Links and listeners that are not yet a socket's report to the background thread.
impl Notify for WorkerHandle {
    fn notify(&self, token: usize, _: Readiness) {
        self.tell(Command::Ready(Token(token)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_to_a_thread_that_has_died_is_let_go() {
        let poll = Poll::new().expect("an event loop");
        let worker = WorkerHandle::new(&poll).expect("a handle");
        let told = Arc::new(Completion::default());
        let command = || Command::CloseEndpoint(EndpointId::Dialer(0), Arc::clone(&told));
        worker.tell(command());
        assert_eq!(Arc::strong_count(&told), 2);
        assert_eq!(worker.died().len(), 1);
        worker.tell(command());
        assert_eq!(Arc::strong_count(&told), 1);
    }
}
