//! A background thread: the control plane of its sockets, and their driver while no caller is.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;
use mio::{Events, Poll};
use slab::Slab;

use super::connect::places::Places;
use super::control::endpoint::DialerState;
use super::control::managed_socket::ManagedSocket;
use super::control::tokens::{self, Subject};
use super::control::worker_handle::{Command, WorkerHandle};
use super::departures::Departures;
use super::dialing::Dialing;
use super::handshake::Handshaking;
use super::listening::Listening;
use super::relief_queue::ReliefQueue;
use super::resolver::Resolver;
use super::retiring::{Retiring, pause_between_looks};
use super::scheduler;
use super::sys::catch_panic::catch_panic;
use super::sys::clock::Clock;
use super::sys::event_loop_waker::LONGEST_SLEEP;
use super::sys::failures::Failures;
use super::sys::fd_limit::FdLimit;
use super::sys::ids::EndpointId;
use super::sys::ids::SocketId;
use super::sys::logging::{Level, log_line};
use super::sys::rate_limited_log::RateLimitedLog;
use super::sys::sync::{Parker, start_thread};
use super::tasks;
use super::timers::{Due, Timers};
use super::work_queue::{Rounds, WorkQueue};
use crate::monitor::EventKind;

/// How long a socket that was handed off is left to its callers between two looks.
const HANDOFF_INTERVAL: Duration = Duration::from_millis(2);
/// How long what a stream leaves unflushed may wait.
const FLUSH_INTERVAL: Duration = Duration::from_micros(45);
/// And how long where the flush before took longer than that, as with hundreds of pipes.
const LONGEST_FLUSH_INTERVAL: Duration = Duration::from_micros(180);
/// Events taken in one go.
const EVENTS: usize = 1024;
/// What a background thread owns. Nothing of it is shared, so nothing of it is locked.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(super) clock: Clock,
    pub(super) poll: Poll,
    pub(super) handle: Arc<WorkerHandle>,
    pub(super) resolver: Resolver,
    pub(super) fd_limit: Arc<FdLimit>,
    pub(super) log: RateLimitedLog,
    pub(super) timers: Timers,
    pub(super) listeners: HashMap<usize, Listening>,
    pub(super) dialers: HashMap<usize, Dialing>,
    pub(super) handshakes: Slab<Handshaking>,
    pub(super) places: Places,
    pub(super) vacant: WorkQueue<SocketId>,
    /// Tells a handshake from an earlier one in the same place.
    pub(super) serial: u64,
    /// Listeners with more connections waiting than one turn takes.
    pub(super) accept_again: WorkQueue<usize>,
    pub(super) sockets: HashMap<SocketId, Arc<dyn ManagedSocket>>,
    /// The dialers and listeners of each socket.
    pub(super) endpoints: BTreeSet<(SocketId, EndpointId)>,
    /// Taken from the command queue and not yet obeyed.
    pub(super) unread: VecDeque<Command>,
    /// Events that were taken and not yet looked at.
    pub(super) ready: VecDeque<Subject>,
    /// The timers of patterns: deadlines of users.
    pub(super) deadlines: Timers,
    /// The timer is set that looks at how all pipes get on.
    pub(super) looking: bool,
    /// Sockets to be served: they have events, or work left over.
    pub(super) run: WorkQueue<SocketId>,
    /// Sockets whose callers left them a moment ago.
    pub(super) handed_off: Rounds<SocketId>,
    /// Sockets that stream.
    pub(super) streams: Rounds<SocketId>,
    /// Endpoints that are closed and still have pipes.
    pub(super) departures: Departures,
    pub(super) retiring: HashMap<SocketId, Retiring>,
    /// Those of them that are to be looked at though nothing happens.
    pub(super) retiring_looks: Rounds<SocketId>,
    /// Sockets that are to hear that there is memory again.
    pub(super) to_relieve: ReliefQueue<SocketId>,
    /// Sockets whose pipes are to be looked at.
    pub(super) to_check: WorkQueue<SocketId>,
    /// Listeners that may be found no more.
    pub(super) to_renew: WorkQueue<usize>,
    pub(super) stopping: bool,
    /// Sockets that cannot be watched, and are looked at when their time has come.
    pub(super) unwatched: HashSet<SocketId>,
    pub(super) failures: Failures,
    /// Why the thread dies, where it dies.
    pub(super) dies_of: Option<String>,
}

impl Worker {
    /// Starts a background thread; its handle.
    pub(crate) fn start(
        clock: Clock,
        (resolver, fd_limit): (Resolver, Arc<FdLimit>),
        name: String,
    ) -> io::Result<Arc<WorkerHandle>> {
        let poll = Poll::new()?;
        let handle = Arc::new(WorkerHandle::new(&poll)?);
        let mut worker = Self {
            clock,
            poll,
            handle: Arc::clone(&handle),
            resolver,
            fd_limit,
            log: RateLimitedLog::default(),
            timers: Timers::default(),
            listeners: HashMap::new(),
            dialers: HashMap::new(),
            handshakes: Slab::new(),
            places: Places::default(),
            vacant: WorkQueue::default(),
            serial: 0,
            accept_again: WorkQueue::default(),
            sockets: HashMap::new(),
            endpoints: BTreeSet::new(),
            unread: VecDeque::new(),
            ready: VecDeque::new(),
            deadlines: Timers::default(),
            looking: false,
            run: WorkQueue::default(),
            handed_off: Rounds::new(|_| HANDOFF_INTERVAL),
            streams: Rounds::new(|took| took.clamp(FLUSH_INTERVAL, LONGEST_FLUSH_INTERVAL)),
            departures: Departures::new(),
            retiring: HashMap::new(),
            retiring_looks: Rounds::new(pause_between_looks),
            to_relieve: ReliefQueue::default(),
            to_check: WorkQueue::default(),
            to_renew: WorkQueue::default(),
            stopping: false,
            unwatched: HashSet::new(),
            failures: Failures::default(),
            dies_of: None,
        };
        start_thread(name, move || worker.live())?;
        Ok(handle)
    }

    /// Runs until the context is gone. However that ends, everybody is told, and nobody waits for this thread any more.
    fn live(&mut self) {
        WorkerHandle::read_here();
        if catch_panic(|| self.run()).is_err() {
            self.dies_of = Some("has died of a panic".into());
        }
        if self.handle.is_forked() {
            // Somebody's callback has forked and returned: this is the child's copy of the thread, and its only one. Whatever
            // it did would be done to the parent's sockets, and locks may be held by threads that are not here.
            std::process::abort();
        }
        let mut unread = std::mem::take(&mut self.unread);
        unread.extend(self.handle.died());
        for command in &unread {
            // One that was opened meanwhile waits as the others do.
            if let Command::Manage(socket) = command {
                self.sockets.insert(socket.id(), Arc::clone(socket));
            }
        }
        for socket in self.sockets.values() {
            let _ = catch_panic(|| socket.give_up());
        }
        // Only when everybody has been told: a logger may take as long as it likes.
        if let Some(cause) = self.dies_of.take() {
            log_line!(
                Level::Error,
                "the background thread {cause}; its sockets answer every call with an error"
            );
        }
    }

    fn run(&mut self) {
        let mut commands = Vec::new();
        let mut events = Events::with_capacity(EVENTS);
        while self.goes_on() {
            let now = self.clock.now();
            let limit = self.wakes(now).since(now);
            let sleeps = (!limit.is_zero()).then(|| now.after(limit));
            self.handle.take(&mut commands, sleeps);
            self.unread.extend(commands.drain(..));
            if self.ready.is_empty() {
                self.wait(&mut events, if self.unread.is_empty() { limit } else { Duration::ZERO });
                self.ready.extend(events.iter().map(|event| tokens::subject(event.token())));
            }
            scheduler::run_pass(self, &tasks::KINDS);
        }
    }

    /// When the next thing is due if nothing happens before.
    fn wakes(&self, now: Time) -> Time {
        let more = !(self.run.is_empty()
            && self.accept_again.is_empty()
            && self.vacant.is_empty()
            && self.unread.is_empty()
            && self.ready.is_empty()
            && self.departures.is_empty()
            && self.to_relieve.is_empty()
            && self.to_check.is_empty()
            && self.to_renew.is_empty());
        if more {
            return now;
        }
        let timers = [self.timers.next(), self.deadlines.next()];
        let rounds = [self.handed_off.next(), self.streams.next(), self.retiring_looks.next()];
        let next = timers.into_iter().chain(rounds).flatten().min();
        next.unwrap_or(Time(u64::MAX)).max(now)
    }

    /// Waits for events. The event loop counts in milliseconds, so the flush interval of a stream is slept beside it.
    fn wait(&mut self, events: &mut Events, limit: Duration) {
        let mut limit = limit;
        if !self.streams.is_empty() && !limit.is_zero() {
            Parker::current().park(Some(limit));
            limit = Duration::ZERO;
        }
        match self.poll.poll(events, Some(limit.min(LONGEST_SLEEP))) {
            Ok(()) => self.failures.end(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.failed(&error),
        }
        self.handle.awake();
    }

    pub(super) fn look_at(&mut self, subject: Subject) {
        match subject {
            Subject::Socket(id) => self.run.push(id),
            Subject::Listener(key) => self.accept(key),
            Subject::Handshake(key) => self.go_on_with_handshake(key),
            Subject::Waker => {}
        }
    }

    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::Manage(socket) => {
                if !std::mem::replace(&mut self.looking, true) {
                    self.timers.set(self.clock.now().after(tasks::LOOK), Due::Look);
                }
                self.sockets.insert(socket.id(), socket);
            }
            Command::Listen(new) if self.managed(new.socket.id()).is_some() => self.listen(new),
            Command::Dial(new) if self.managed(new.socket.id()).is_some() => self.dial(new),
            // The socket was closed meanwhile.
            Command::Listen(new) => {
                new.status.lock().closed = true;
                new.socket.tell(&|| EventKind::EndpointClosed { via: new.source.via.clone() });
            }
            Command::Dial(new) => new.status.lock().state = DialerState::Closed,
            Command::CloseEndpoint(endpoint, done) => self.close_endpoint(endpoint, done),
            Command::HandOff(id) => self.handed_off.add(id, self.clock.now()),
            Command::Serve(id) => self.run.push(id),
            Command::Stream(id) => self.streams.add(id, self.clock.now()),
            Command::Timer(id, at) => self.deadlines.set(at, Due::Pattern(id)),
            Command::PipeGone { role, socket, endpoint, peer, address, reason, grave, level } => {
                log_line!(level, "{role}: pipe to {peer} removed: {reason}");
                self.endpoint_lost_pipe(endpoint, (&peer, address), reason, grave);
                self.place_may_be_free(socket);
            }
            Command::Unwatched(id) => self.watch_later(id),
            Command::MemoryFree => self.sockets.keys().for_each(|id| self.to_relieve.push(*id)),
            Command::Ready(token) => self.look_at(tokens::subject(token)),
            Command::Resolved { endpoint: EndpointId::Dialer(key), result } => self.resolved(key, result),
            Command::Resolved { .. } => {}
            Command::Evict { handshake, serial } => drop(self.evict(handshake, serial)),
            Command::Judged { handshake, serial, answer } => self.judged(handshake, serial, answer),
            Command::Close { socket, until, done } => self.close(socket, until, done),
            Command::Bury(socket) => socket.bury(),
            Command::Stop => self.stopping = true,
            #[cfg(test)]
            Command::Run(fault) => fault(),
        }
    }

    /// This socket, if it is there and not closing.
    pub(super) fn managed(&self, id: SocketId) -> Option<Arc<dyn ManagedSocket>> {
        self.sockets.get(&id).filter(|_| !self.retiring.contains_key(&id)).cloned()
    }
}
