//! A background thread: the control plane of its sockets, and their driver while no caller is.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Poll};
use slab::Slab;

use super::attended::{Attended, LONGEST_NAP, NAP, TICK};
use super::clock::Clock;
use super::completion::Completion;
use super::containment::contain;
use super::descriptors::Descriptors;
use super::dialing::Dialing;
use super::endpoint::{DialerState, EndpointId};
use super::farewell::CloseReport;
use super::greeting::Handshake;
use super::listening::Listening;
use super::mailbox::{Command, Mailbox};
use super::memory::Budget;
use super::progress;
use super::quiet_log::QuietLog;
use super::resolver::Resolver;
use super::socket::SocketId;
use super::sync::{Parker, start_thread};
use super::timers::{Due, Timers};
use super::tokens::{self, Subject};
use crate::monitor::Event;
use crate::patterns::Time;

/// Events taken in one go.
const EVENTS: usize = 1024;
/// How long the thread sleeps at most: event loops count in few bits.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
/// How often a closing socket is looked at.
const CLOSING_LOOK: Duration = Duration::from_millis(2);

/// What a background thread owns. Nothing of it is shared, so nothing of it is locked.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) clock: Clock,
    pub(crate) poll: Poll,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) resolver: Resolver,
    pub(crate) descriptors: Arc<Descriptors>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) log: QuietLog,
    pub(crate) timers: Timers,
    pub(crate) listeners: HashMap<usize, Listening>,
    pub(crate) dialers: HashMap<usize, Dialing>,
    pub(crate) handshakes: Slab<Handshake>,
    /// Tells a handshake from an earlier one in the same place.
    pub(crate) serial: u64,
    /// Listeners with more connections waiting than one turn takes.
    pub(crate) accept_again: Vec<usize>,
    sockets: HashMap<SocketId, Arc<dyn Attended>>,
    /// Taken from the mailbox and not yet obeyed.
    unread: VecDeque<Command>,
    /// The timer is set that looks at how all pipes get on.
    looking: bool,
    /// Sockets with work left over.
    run: VecDeque<SocketId>,
    /// Sockets whose callers left them a moment ago.
    lent: Vec<SocketId>,
    next_tick: Time,
    /// Sockets that stream.
    streams: Vec<SocketId>,
    /// How long the tails of streams wait.
    nap: Duration,
    closing: Vec<Closing>,
    stopping: bool,
}

/// A socket on its way out.
#[derive(Debug)]
struct Closing {
    socket: Arc<dyn Attended>,
    until: Time,
    done: Vec<Arc<Completion<CloseReport>>>,
}

impl Worker {
    /// Starts a background thread; its mailbox.
    pub(crate) fn start(
        clock: Clock,
        (resolver, descriptors, budget): (Resolver, Arc<Descriptors>, Arc<Budget>),
        name: String,
    ) -> io::Result<Arc<Mailbox>> {
        let poll = Poll::new()?;
        let mailbox = Arc::new(Mailbox::new(&poll)?);
        let mut worker = Self {
            clock,
            poll,
            mailbox: Arc::clone(&mailbox),
            resolver,
            descriptors,
            budget,
            log: QuietLog::default(),
            timers: Timers::default(),
            listeners: HashMap::new(),
            dialers: HashMap::new(),
            handshakes: Slab::new(),
            serial: 0,
            accept_again: Vec::new(),
            sockets: HashMap::new(),
            unread: VecDeque::new(),
            looking: false,
            run: VecDeque::new(),
            lent: Vec::new(),
            next_tick: Time::default(),
            streams: Vec::new(),
            nap: NAP,
            closing: Vec::new(),
            stopping: false,
        };
        start_thread(name, move || worker.live())?;
        Ok(mailbox)
    }

    /// Runs until the context is gone. However that ends, everybody is told, and nobody waits for this thread any more.
    fn live(&mut self) {
        self.mailbox.read_here();
        if contain(|| self.run()).is_err() {
            log::error!(
                "the background thread has died of a panic; its sockets answer every call with an error"
            );
        }
        let mut unread = std::mem::take(&mut self.unread);
        unread.extend(self.mailbox.died());
        for command in &unread {
            // One that was opened meanwhile waits as the others do.
            if let Command::Attend(socket) = command {
                self.sockets.insert(socket.id(), Arc::clone(socket));
            }
        }
        for socket in self.sockets.values() {
            socket.give_up();
        }
        // What is dropped here may be of a transport of the user's, and panic: only when everybody has been told.
        drop(unread);
    }

    fn run(&mut self) {
        let mut letters = Vec::new();
        let mut events = Events::with_capacity(EVENTS);
        while !(self.stopping && self.sockets.is_empty() && self.closing.is_empty()) {
            let now = self.clock.now();
            let wakes = self.wakes(now);
            self.mailbox.take(&mut letters, Some(wakes));
            self.unread.extend(letters.drain(..));
            if self.unread.is_empty() {
                self.wait(&mut events, wakes.since(now));
            } else {
                while let Some(command) = self.unread.pop_front() {
                    self.obey(command);
                }
                self.wait(&mut events, Duration::ZERO);
            }
            for event in &events {
                self.look_at(tokens::subject(event.token()));
            }
            self.work();
        }
    }

    /// When the next thing is due if nothing happens before.
    fn wakes(&self, now: Time) -> Time {
        if !self.run.is_empty() || !self.accept_again.is_empty() {
            return now;
        }
        let mut wakes = self.timers.next().unwrap_or(Time(u64::MAX));
        if !self.lent.is_empty() {
            wakes = wakes.min(self.next_tick);
        }
        if !self.closing.is_empty() {
            wakes = wakes.min(now.after(CLOSING_LOOK));
        }
        if !self.streams.is_empty() {
            wakes = wakes.min(now.after(self.nap));
        }
        wakes.max(now)
    }

    /// Waits for events. The event loop counts in milliseconds, so the nap of a stream is slept beside it.
    fn wait(&mut self, events: &mut Events, limit: Duration) {
        let mut limit = limit;
        if !self.streams.is_empty() && !limit.is_zero() {
            Parker::current().park(Some(limit.min(self.nap)));
            limit = Duration::ZERO;
        }
        if let Err(error) = self.poll.poll(events, Some(limit.min(LONGEST_SLEEP)))
            && error.kind() != io::ErrorKind::Interrupted
        {
            log::error!("the event loop of the background thread failed: {error}");
        }
        self.mailbox.awake();
    }

    fn look_at(&mut self, subject: Subject) {
        match subject {
            Subject::Socket(id) => self.serve(id),
            Subject::Listener(key) => self.accept(key),
            Subject::Handshake(key) => self.go_on_with_handshake(key),
            Subject::Waker => {}
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Attend(socket) => {
                if !std::mem::replace(&mut self.looking, true) {
                    self.timers.set(self.clock.now().after(progress::LOOK), Due::Look);
                }
                self.sockets.insert(socket.id(), socket);
            }
            Command::Listen(new) if self.is_attended(new.socket.id()) => self.listen(new),
            Command::Dial(new) if self.is_attended(new.socket.id()) => self.dial(new),
            // The socket was closed meanwhile.
            Command::Listen(new) => {
                new.status.lock().closed = true;
                new.socket.tell(&|| Event::EndpointClosed { via: new.source.via.clone() });
            }
            Command::Dial(new) => new.status.lock().state = DialerState::Closed,
            Command::CloseEndpoint(endpoint, done) => {
                self.close_endpoint(endpoint);
                done.finish(());
            }
            Command::Lent(id) => {
                if self.lent.is_empty() {
                    self.next_tick = self.clock.now().after(TICK);
                }
                if !self.lent.contains(&id) {
                    self.lent.push(id);
                }
            }
            Command::Serve(id) => self.serve(id),
            Command::Stream(id) => {
                if !self.streams.contains(&id) {
                    self.streams.push(id);
                }
            }
            Command::Timer(id, at) => self.timers.set(at, Due::Pattern(id)),
            Command::PipeGone { endpoint, peer, reason, grave } => {
                if grave {
                    self.log.say(self.clock.now(), || format!("{peer} was disconnected: {reason}"));
                }
                match endpoint {
                    EndpointId::Dialer(key) => self.dialer_lost_pipe(key, reason),
                    EndpointId::Listener(key) => self.listener_lost_pipe(key, &peer, grave.then_some(reason)),
                }
            }
            Command::MemoryFree => self.sockets.values().for_each(|socket| socket.relieve()),
            Command::Ready(token) => self.look_at(tokens::subject(token)),
            Command::Resolved { endpoint: EndpointId::Dialer(key), result } => self.resolved(key, result),
            Command::Resolved { .. } => {}
            Command::MakeRoom { handshake, serial } => self.end_silent(handshake, serial),
            Command::Judged { handshake, serial, answer } => self.judged(handshake, serial, answer),
            Command::Close { socket, until, done } => self.close(socket, until, done),
            Command::Stop => self.stopping = true,
        }
    }

    /// Everything that is not an event: leftovers, ticks, naps, timers, closing.
    fn work(&mut self) {
        for key in std::mem::take(&mut self.accept_again) {
            self.accept(key);
        }
        for _ in 0..self.run.len() {
            if let Some(id) = self.run.pop_front() {
                self.serve(id);
            }
        }
        let sockets = &self.sockets;
        let mut now = self.clock.now();
        if !self.streams.is_empty() {
            self.streams.retain(|id| sockets.get(id).is_some_and(|socket| socket.nap()));
            let began = std::mem::replace(&mut now, self.clock.now());
            self.nap = now.since(began).clamp(NAP, LONGEST_NAP);
        }
        if !self.lent.is_empty() && now >= self.next_tick {
            self.lent.retain(|id| sockets.get(id).is_some_and(|socket| socket.tick()));
            self.next_tick = now.after(TICK);
        }
        while let Some(due) = self.timers.take(now) {
            match due {
                Due::Handshake(key, serial) => self.handshake_timed_out(key, serial),
                Due::Dial(key) => self.begin_round(key),
                Due::Accept(key) => self.resume_accepting(key),
                Due::Look => self.check_pipes(now),
                Due::Pattern(id) => {
                    if let Some(socket) = self.sockets.get(&id) {
                        socket.timer();
                    }
                }
            }
        }
        if !self.closing.is_empty() {
            self.go_on_closing(now);
        }
    }

    fn check_pipes(&mut self, now: Time) {
        for socket in self.sockets.values() {
            socket.check_pipes();
        }
        self.looking = !self.sockets.is_empty();
        if self.looking {
            self.timers.set(now.after(progress::LOOK), Due::Look);
        }
    }

    /// Whether this socket is there and not closing.
    fn is_attended(&self, id: SocketId) -> bool {
        self.sockets.contains_key(&id) && !self.closing.iter().any(|closing| closing.socket.id() == id)
    }

    fn serve(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get(&id) else { return };
        if socket.serve() && !self.run.contains(&id) {
            self.run.push_back(id);
        }
    }

    fn close_endpoint(&mut self, endpoint: EndpointId) {
        let socket = match endpoint {
            EndpointId::Dialer(key) => self.dialers.get(&key).map(|dialing| Arc::clone(&dialing.socket)),
            EndpointId::Listener(key) => {
                self.listeners.get(&key).map(|listening| Arc::clone(&listening.socket))
            }
        };
        match endpoint {
            EndpointId::Dialer(key) => self.close_dialer(key),
            EndpointId::Listener(key) => self.close_listener(key),
        }
        if let Some(socket) = socket {
            socket.remove_pipes_of(endpoint);
        }
    }

    fn close(&mut self, id: SocketId, until: Time, done: Option<Arc<Completion<CloseReport>>>) {
        if let Some(closing) = self.closing.iter_mut().find(|closing| closing.socket.id() == id) {
            // A handle that is dropped does not shorten a close that somebody waits for, and such a close takes the place of
            // the linger of a drop; of two that wait, the shorter counts.
            if let Some(done) = done {
                closing.until = if closing.done.is_empty() { until } else { closing.until.min(until) };
                closing.done.push(done);
            }
            return;
        }
        let Some(socket) = self.sockets.get(&id).map(Arc::clone) else {
            if let Some(done) = done {
                done.finish(CloseReport::default());
            }
            return;
        };
        let dialers = self.dialers.iter().filter(|(_, dialing)| dialing.socket.id() == id);
        for key in dialers.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.close_dialer(key);
        }
        let listeners = self.listeners.iter().filter(|(_, listening)| listening.socket.id() == id);
        for key in listeners.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.close_listener(key);
        }
        socket.begin_close();
        self.closing.push(Closing { socket, until, done: done.into_iter().collect() });
    }

    fn go_on_closing(&mut self, now: Time) {
        for closing in std::mem::take(&mut self.closing) {
            closing.socket.serve();
            if !closing.socket.go_on_closing() && now < closing.until {
                self.closing.push(closing);
                continue;
            }
            let report = closing.socket.end_close();
            self.sockets.remove(&closing.socket.id());
            for done in closing.done {
                done.finish(report);
            }
        }
    }
}
