//! A socket with one pipe, around the engine's protocols. It follows `core`, `flushing`, `reading`, `socket` and `attended`
//! of the engine step by step, without patterns, frames and octets.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::task::Waker;
use std::time::Duration;

use shuttle::sync::{Arc, Condvar};

use crate::awaiting::{self, Place};
use crate::background::{Command, Desk};
use crate::blocking::{self, Host, Patience};
use crate::calls::Calls;
use crate::check::perhaps;
use crate::kernel::{Bell, Edges, Kernel, Transport};
use crate::lamp::{Lamp, Show};
use crate::outflow::{self, Blocked, Flow, Outlet, Pending};
use crate::pace::{Pace, Step};
use crate::sync::{Alarm, Flag, Mutex, MutexGuard, Parker};
use crate::turns::{Tick, Turns};

/// Messages that a pipe may have queued.
const SEND_LIMIT: usize = 2;
/// Messages that may wait in the inbox before the pipe is paused.
const RECV_LIMIT: usize = 2;
/// Messages of one turn of reading.
const TURN: usize = 1;
/// Rounds of the background thread before it turns to something else.
const ROUNDS: usize = 1;
/// Sends that chase one another, in a row, that begin a stream.
const CHASES: usize = 4;

/// One mistake that a twin of a model makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Who takes a message keeps to himself that there are more.
    MoreIsKeptSecret,
    /// Who leaves the seat wakes nobody.
    LeavesInSilence,
    /// Who gives up waiting does not pass on that he was signalled.
    TimeoutPassesNothingOn,
    /// Who drives announces messages when it leaves, and not as they come.
    AnnouncedOnLeaving,
    /// Taking from a full inbox does not wake the driver, who alone can read on.
    ResumingWakesNobody,
    /// The background thread does not hear of a socket that is lent to it.
    LentInSecret,
    /// The background thread does not hear that it is to serve the socket.
    ServedInSecret,
    /// The background thread does not say that it has come, so it is never asked again.
    ComesInSecret,
    /// A future that is dropped does not pass on that it was signalled.
    DropPassesNothingOn,
    /// Who finds nothing puts the lamps out after unlocking.
    PutOutTooLate,
    /// A future that resumes a pipe leaves that to the next event.
    NotesAreLeft,
    /// A future that is polled again keeps the waker it had.
    KeepsTheFirstWaker,
    /// It takes a socket over without having its own event loop watch it.
    TakenOverUnwatched,
    /// It leaves what is left over to the next event.
    LeftoversAreForgotten,
    /// The pipe is marked as blocked when the edge was asked for already.
    AskedBeforeMarked,
    /// A refused writer of a transport without edges does not try again.
    NoSecondTry,
    /// A writer leaves a small rest although the pipe is listed nowhere.
    RestOfAnUnlistedPipe,
    /// Who empties the pipe tells nobody of room.
    RoomIsKeptSecret,
    /// Only whoever sees the edge tells of room.
    OnlyTheEdgeTells,
    /// No nap of the background thread.
    NoNaps,
    /// The list of a nap is taken, and a blocked pipe on it goes on believing that it is listed.
    ListedNowhere,
    /// Who finds somebody writing does not list the pipe again.
    LeftUnlisted,
    /// Who finds somebody writing leaves the pipe to a stream that has ended.
    LeftToNoStream,
    /// Closing wakes those who wait, not the one who drives.
    CloseForgetsTheDriver,
    /// Closing wakes everybody before there is anything to see.
    WokenBeforeClosed,
    /// A notice is noted and nobody told.
    NotedInSecret,
    /// The driver does not look at the notes before it sleeps.
    SleepsUnlooked,
    /// A change that everybody judges for himself is told to the oldest only.
    OneJudgesForAll,
    /// Who calls off a wait wakes those who wait before there is anything to see.
    WokenBeforeCalledOff,
    /// Calling off wakes those who wait, not the one who drives.
    CallingOffForgetsTheDriver,
    /// A device looks whether a socket has closed before it asks to be told of that.
    LooksBeforeItIsTied,
    /// A writer takes all there is, of a pipe whose oldest messages may be dropped.
    TakesEverything,
    /// A pipe that was paused is read on only when its inbox is empty, and told so to nobody.
    ResumesInSecret,
}

/// What one can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Want {
    Message,
    Room,
    Peers,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    Done(T),
    Timeout,
    Closed,
}

#[derive(Debug)]
pub(crate) struct Socket {
    core: Mutex<Core>,
    write: Mutex<WriteSide>,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) desk: Arc<Desk>,
    fault: Fault,
    looks_at_invariants: bool,
    delivered: Mutex<usize>,
    arrived: Condvar,
}

#[allow(clippy::struct_excessive_bools, reason = "they are those of the engine")]
#[derive(Debug)]
pub(crate) struct Core {
    turns: Turns<Driver, Want>,
    closed: bool,
    peers: usize,
    inbox: VecDeque<u32>,
    paused: bool,
    notes: Edges,
    flow: Flow,
    pending: VecDeque<u32>,
    queued: usize,
    /// The oldest messages are dropped for new ones.
    displaces: bool,
    /// The pipe stands in these lists.
    dirty: bool,
    due: bool,
    pace: Pace,
    chases: usize,
    flush: bool,
    begin_stream: bool,
    /// Futures wait here, or have waited.
    futures: bool,
    fault: Fault,
}

#[derive(Debug, Default)]
struct WriteSide {
    in_flight: VecDeque<u32>,
    watching: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Driver {
    harvested: Edges,
    readable: bool,
    registered: bool,
}

#[derive(Debug, Default)]
struct Todo {
    flush: bool,
    calls: Vec<Calls>,
    begin_stream: bool,
}

/// For ever, or for some looks.
#[derive(Debug)]
pub(crate) struct Looks(Option<Cell<u32>>);

impl Looks {
    pub(crate) const FOREVER: Self = Self(None);

    pub(crate) fn some() -> Self {
        Self(Some(Cell::new(1)))
    }
}

impl Patience for Looks {
    fn left(&self) -> Option<Duration> {
        let looks = self.0.as_ref()?;
        let left = looks.get();
        looks.set(left.saturating_sub(1));
        Some(Duration::from_secs(left.into()))
    }
}

impl Socket {
    /// With room for so many messages in the system.
    pub(crate) fn new(transport: Transport, room: usize, fault: Fault) -> Arc<Self> {
        Self::build(transport, room, fault, fault == Fault::None)
    }

    /// One whose invariants are looked at though it has a fault: before they are broken nobody can hang.
    pub(crate) fn looked_at(transport: Transport, room: usize, fault: Fault) -> Arc<Self> {
        Self::build(transport, room, fault, true)
    }

    fn build(transport: Transport, room: usize, fault: Fault, looks_at_invariants: bool) -> Arc<Self> {
        let core = Core {
            turns: Turns::new(Driver::default()),
            closed: false,
            peers: 0,
            inbox: VecDeque::new(),
            paused: false,
            notes: Edges::default(),
            flow: Flow::default(),
            pending: VecDeque::new(),
            queued: 0,
            displaces: false,
            dirty: false,
            due: false,
            pace: Pace::default(),
            chases: 0,
            flush: false,
            begin_stream: false,
            futures: false,
            fault,
        };
        let socket = Arc::new(Self {
            core: Mutex::new(core),
            write: Mutex::default(),
            kernel: Kernel::new(transport, room),
            desk: Arc::new(Desk::default()),
            fault,
            looks_at_invariants,
            delivered: Mutex::default(),
            arrived: Condvar::new(),
        });
        // The background thread serves a new socket, and admits its pipe.
        socket.kernel.watch(Some(Arc::clone(&socket.desk) as Arc<dyn Bell>));
        let mut core = socket.core.lock();
        if let Some(mut driver) = core.turns.serve() {
            driver.registered = true;
            core.turns.leave_watched(driver);
        }
        drop(core);
        socket
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    pub(crate) fn recv(&self, patience: &Looks) -> Outcome<u32> {
        self.wait(Want::Message, patience, |core| self.attempt_recv(core))
    }

    fn attempt_recv(&self, core: &mut Core) -> Option<(Outcome<u32>, bool)> {
        if core.closed {
            return Some((Outcome::Closed, true));
        }
        let Some(message) = core.pop() else {
            core.plan_tails();
            return None;
        };
        Some((Outcome::Done(message), !core.inbox.is_empty() && !self.is(Fault::MoreIsKeptSecret)))
    }

    /// One poll of a future that receives.
    pub(crate) fn poll_recv(&self, place: &mut Place<Want>, waker: &Waker) -> Option<Outcome<u32>> {
        self.core.lock().futures = true;
        awaiting::poll(self, place, Want::Message, waker, |core| self.attempt_recv(core))
    }

    /// One poll of a future that sends.
    pub(crate) fn poll_send(
        &self,
        place: &mut Place<Want>,
        waker: &Waker,
        message: u32,
    ) -> Option<Outcome<()>> {
        self.core.lock().futures = true;
        awaiting::poll(self, place, Want::Room, waker, |core: &mut Core| core.attempt_send(message))
    }

    /// A future is dropped.
    pub(crate) fn leave(&self, place: &mut Place<Want>) {
        if !self.is(Fault::DropPassesNothingOn) {
            awaiting::leave(self, place);
        }
    }

    /// One look, and if the seat is free, one round.
    pub(crate) fn try_recv(&self) -> Option<u32> {
        let found = blocking::try_once(self, Want::Message, |core: &mut Core| {
            let message = core.pop();
            if message.is_none() && core.fault != Fault::PutOutTooLate {
                core.turns.missed(Want::Message);
            }
            Some((message?, !core.inbox.is_empty()))
        });
        if found.is_none() && self.is(Fault::PutOutTooLate) {
            let mut core = self.core.lock();
            core.turns.missed(Want::Message);
            self.release(core);
        }
        found
    }

    /// Has a lamp lit when a message comes.
    pub(crate) fn mount(&self, show: Box<dyn Show>) {
        let mut core = self.core.lock();
        core.turns.mount(Want::Message, Arc::new(Lamp::new(show)), false);
        self.release(core);
    }

    pub(crate) fn send(&self, message: u32, patience: &Looks) -> Outcome<()> {
        let mut core = self.core.lock();
        if core.push(message) {
            self.release(core);
            return Outcome::Done(());
        }
        self.release(core);
        self.wait(Want::Room, patience, |core: &mut Core| core.attempt_send(message))
    }

    /// Drops the oldest message where there is no room; the new one where a writer is busy with all others.
    pub(crate) fn send_displacing(&self, message: u32) {
        let mut core = self.core.lock();
        core.displaces = true;
        while !core.push(message) {
            if let Some(mut side) = self.write.try_lock() {
                core.reclaim(&mut side.in_flight);
            }
            if core.pending.pop_front().is_none() {
                break;
            }
            core.queued -= 1;
        }
        self.release(core);
    }

    pub(crate) fn wait_for_peers(&self, wanted: usize) {
        let there = |core: &mut Core| (core.peers >= wanted).then_some((Outcome::Done(()), true));
        assert_eq!(self.wait(Want::Peers, &Looks::FOREVER, there), Outcome::Done(()));
    }

    fn wait<T>(
        &self,
        want: Want,
        patience: &Looks,
        attempt: impl FnMut(&mut Core) -> Option<(Outcome<T>, bool)>,
    ) -> Outcome<T> {
        let outcome = if self.is(Fault::TimeoutPassesNothingOn) {
            wait_selfishly(self, want, patience, attempt)
        } else {
            blocking::wait(self, want, patience, attempt)
        };
        outcome.unwrap_or(Outcome::Timeout)
    }

    /// A peer comes.
    pub(crate) fn admit(&self) {
        let mut core = self.core.lock();
        core.peers += 1;
        core.notes.readable = true;
        core.turns.nudge();
        if self.is(Fault::OneJudgesForAll) {
            core.turns.satisfied(Want::Peers);
        } else {
            core.turns.changed(Want::Peers);
        }
        self.release(core);
    }

    pub(crate) fn close(&self) {
        let mut core = self.core.lock();
        core.closed = !self.is(Fault::WokenBeforeClosed);
        if self.is(Fault::CloseForgetsTheDriver) {
            self.kernel.deafen();
        }
        core.turns.wake_all();
        if self.is(Fault::WokenBeforeClosed) {
            self.release(core);
            core = self.core.lock();
            core.closed = true;
        }
        self.release(core);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.core.lock().closed
    }

    /// As `take` of a device: nothing once it is called off.
    pub(crate) fn recv_unless(&self, off: &Flag) -> Option<u32> {
        let take = |core: &mut Core| {
            if off.is_raised() {
                return Some((Outcome::Closed, true));
            }
            let message = core.pop()?;
            Some((Outcome::Done(message), !core.inbox.is_empty()))
        };
        match self.wait(Want::Message, &Looks::FOREVER, take) {
            Outcome::Done(message) => Some(message),
            _ => None,
        }
    }

    /// As `give` of a device: whether there was room before it was called off.
    pub(crate) fn send_unless(&self, message: u32, off: &Flag) -> bool {
        let give = |core: &mut Core| {
            let given = core.push(message);
            if given || off.is_raised() {
                return Some((Outcome::Done(given), true));
            }
            core.plan_tails();
            None
        };
        self.wait(Want::Room, &Looks::FOREVER, give) == Outcome::Done(true)
    }

    pub(crate) fn call_off(&self, off: &Flag) {
        if !self.is(Fault::WokenBeforeCalledOff) {
            off.raise();
        }
        let mut core = self.core.lock();
        if self.is(Fault::CallingOffForgetsTheDriver) {
            self.kernel.deafen();
        }
        core.turns.wake_all();
        self.release(core);
        off.raise();
    }

    /// The peer sends a message.
    pub(crate) fn peer_sends(&self, message: u32) {
        if self.kernel.arrive(message) {
            self.notify(Edges { readable: true, writable: false });
        }
    }

    /// The peer takes so many messages.
    pub(crate) fn peer_takes(&self, room: usize) {
        if self.kernel.make_room(room) {
            self.notify(Edges { readable: false, writable: true });
        }
    }

    fn notify(&self, edges: Edges) {
        let mut core = self.core.lock();
        core.notes.readable |= edges.readable;
        core.notes.writable |= edges.writable;
        if !self.is(Fault::NotedInSecret) {
            core.turns.nudge();
        }
        self.release(core);
    }

    /// Waits until so many messages have come into the inbox.
    pub(crate) fn wait_for_delivery(&self, count: usize) {
        self.delivered.wait_until(&self.arrived, |delivered| *delivered >= count);
    }

    /// Begins a stream, as so many sends that chase one another would.
    pub(crate) fn begin_stream(&self) {
        let mut core = self.core.lock();
        core.pace.send(|| true);
        core.begin_stream = true;
        self.release(core);
    }

    /// Nothing is to be done any more for what was sent.
    pub(crate) fn assert_emptied(&self) {
        let side = self.write.lock();
        let core = self.core.lock();
        assert!(core.pending.is_empty() && side.in_flight.is_empty(), "something was left behind");
        assert_eq!(core.queued, 0);
    }

    fn act(&self, mut todo: Todo) {
        while std::mem::take(&mut todo.flush) {
            self.flush_unless_busy(&mut todo);
        }
        for calls in todo.calls {
            let (lend, serve) = (calls.lend, calls.serve);
            calls.wake();
            if lend && !self.is(Fault::LentInSecret) {
                self.desk.tell(Command::Lent);
            }
            if serve && !self.is(Fault::ServedInSecret) {
                self.desk.tell(Command::Serve);
            }
        }
        if todo.begin_stream && !self.is(Fault::NoNaps) {
            self.desk.tell(Command::Stream);
        }
    }

    fn flush(&self, todo: &mut Todo, by_edge: bool) {
        let side = self.write.lock();
        outflow::flush(&mut Writing { socket: self, side, left: 0, todo, by_edge });
    }

    fn flush_unless_busy(&self, todo: &mut Todo) {
        let Some(side) = self.write.try_lock() else {
            if !self.core.lock().leave_to_stream() {
                self.flush(todo, false);
            }
            return;
        };
        outflow::flush(&mut Writing { socket: self, side, left: 0, todo, by_edge: false });
    }

    fn write_on(&self, todo: &mut Todo) {
        let blocked = self.core.lock().flow.is_blocked();
        if blocked {
            return self.flush(todo, true);
        }
        let Some(mut side) = self.write.try_lock() else { return };
        let still_free = !self.core.lock().flow.is_blocked();
        if still_free && side.watching {
            side.watching = false;
            self.kernel.want_writable(false);
        }
    }

    /// One turn of reading; whether there may be more.
    fn read(&self) -> bool {
        for _ in 0..TURN {
            if self.core.lock().paused {
                return false;
            }
            let Some(message) = self.kernel.read() else { return false };
            self.deliver(message);
        }
        true
    }

    fn deliver(&self, message: u32) {
        let mut core = self.core.lock();
        core.inbox.push_back(message);
        core.paused = core.inbox.len() >= RECV_LIMIT;
        if !self.is(Fault::AnnouncedOnLeaving) {
            core.turns.satisfied(Want::Message);
        }
        self.release(core);
        *self.delivered.lock() += 1;
        self.arrived.notify_all();
    }

    /// As `Attended::serve`.
    pub(crate) fn serve(&self) -> bool {
        let mut core = self.core.lock();
        if !self.is(Fault::ComesInSecret) {
            core.turns.comes();
        }
        let watched = core.turns.is_watched();
        let driver = if watched { core.turns.serve() } else { None };
        drop(core);
        driver.is_some_and(|driver| self.attend(driver, true))
    }

    /// As `Attended::tick`.
    pub(crate) fn tick(&self) -> bool {
        let mut core = self.core.lock();
        let tick = core.turns.tick();
        let look = tick == Tick::Watch || (tick == Tick::Keep && core.notes.any());
        let driver = if look { core.turns.serve() } else { None };
        self.release(core);
        let Some(driver) = driver else { return tick != Tick::Forget };
        let more = self.attend(driver, tick == Tick::Watch);
        if more && tick == Tick::Watch && !self.is(Fault::LeftoversAreForgotten) {
            self.desk.tell(Command::Serve);
        }
        tick == Tick::Keep
    }

    /// As `Attended::nap`.
    pub(crate) fn nap(&self) -> bool {
        let mut core = self.core.lock();
        core.plan_tails();
        let goes_on = core.pace.nap();
        self.release(core);
        goes_on
    }

    fn attend(&self, mut driver: Driver, watch: bool) -> bool {
        if watch && !driver.registered && !self.is(Fault::TakenOverUnwatched) {
            driver.registered = true;
            self.kernel.watch(Some(Arc::clone(&self.desk) as Arc<dyn Bell>));
        }
        let quiet = (0..ROUNDS).any(|_| !self.round(&mut driver));
        let mut core = self.core.lock();
        let more = !quiet || core.notes.any();
        if watch {
            core.turns.leave_watched(driver);
        } else {
            core.turns.leave(driver);
        }
        self.release(core);
        more && !self.is(Fault::LeftoversAreForgotten)
    }
}

impl Core {
    /// As they are in `turns` and `core` of the engine.
    fn assert_invariants(&self) {
        let is_met = |want| match want {
            Want::Message => !self.inbox.is_empty(),
            Want::Room | Want::Peers => false,
        };
        assert!(self.turns.keeps_i1(is_met, self.futures), "I1 is broken");
        assert!(self.turns.keeps_i3(), "I3 is broken");
        let read_on = self.notes.readable || self.inbox.len() * 2 > RECV_LIMIT;
        assert!(!self.paused || read_on, "I4 is broken");
    }

    fn pop(&mut self) -> Option<u32> {
        let message = self.inbox.pop_front()?;
        if self.paused && self.inbox.len() * 2 <= RECV_LIMIT {
            self.paused = false;
            self.notes.readable = true;
            if self.fault == Fault::ResumesInSecret {
                (self.paused, self.notes.readable) = (true, false);
            } else if !matches!(self.fault, Fault::ResumingWakesNobody | Fault::NotesAreLeft) {
                self.turns.look_soon();
            }
        }
        Some(message)
    }

    fn attempt_send(&mut self, message: u32) -> Option<(Outcome<()>, bool)> {
        if self.closed {
            return Some((Outcome::Closed, true));
        }
        if self.push(message) {
            return Some((Outcome::Done(()), true));
        }
        self.plan_tails();
        None
    }

    /// Whether there was room.
    fn push(&mut self, message: u32) -> bool {
        if self.queued >= SEND_LIMIT {
            self.flow.refuse();
            return false;
        }
        self.pending.push_back(message);
        self.queued += 1;
        self.dirty |= self.flow.becomes_dirty();
        self.due |= self.pending.len() >= SEND_LIMIT && self.flow.becomes_due();
        self.chases = if perhaps() { self.chases + 1 } else { 0 };
        let streams = self.chases >= CHASES;
        match self.pace.send(|| streams) {
            Step::Single => self.plan_tails(),
            Step::Begin => {
                self.begin_stream = true;
                self.plan_due();
            }
            Step::Stream => self.plan_due(),
        }
        true
    }

    /// Takes back what a writer who was refused has not begun.
    fn reclaim(&mut self, in_flight: &mut VecDeque<u32>) {
        in_flight.append(&mut self.pending);
        std::mem::swap(in_flight, &mut self.pending);
    }

    /// Gives a writer what it may take.
    fn hand_over(&mut self, in_flight: &mut VecDeque<u32>) {
        if self.displaces && self.fault != Fault::TakesEverything {
            in_flight.extend(self.pending.drain(..SEND_LIMIT / 2));
        } else {
            std::mem::swap(&mut self.pending, in_flight);
        }
    }

    fn plan_tails(&mut self) {
        if std::mem::take(&mut self.dirty) && !(self.fault == Fault::ListedNowhere && self.flow.is_blocked())
        {
            self.flush |= self.flow.was_dirty() && !self.pending.is_empty();
        }
    }

    fn plan_due(&mut self) {
        if std::mem::take(&mut self.due) {
            self.flush |= self.flow.was_due() && !self.pending.is_empty();
        }
    }

    fn leave_to_stream(&mut self) -> bool {
        if !self.pace.is_streaming() && self.fault != Fault::LeftToNoStream {
            return false;
        }
        if self.fault != Fault::LeftUnlisted {
            self.dirty |= self.flow.becomes_dirty();
            self.due |= self.pending.len() >= SEND_LIMIT && self.flow.becomes_due();
        }
        true
    }

    fn add_todo(&mut self, todo: &mut Todo) {
        todo.flush |= std::mem::take(&mut self.flush);
        todo.begin_stream |= std::mem::take(&mut self.begin_stream);
        todo.calls.extend(self.turns.take_calls());
    }
}

struct Writing<'a> {
    socket: &'a Socket,
    side: MutexGuard<'a, WriteSide>,
    left: usize,
    todo: &'a mut Todo,
    by_edge: bool,
}

impl<'a> Writing<'a> {
    fn settle(&mut self) -> MutexGuard<'a, Core> {
        let mut core = self.socket.core.lock();
        core.queued -= std::mem::take(&mut self.left);
        let half_free = core.queued * 2 <= SEND_LIMIT;
        let tells = match self.socket.fault {
            Fault::RoomIsKeptSecret => false,
            Fault::OnlyTheEdgeTells => self.by_edge,
            _ => true,
        };
        if tells && core.flow.owes_word(half_free) {
            core.turns.satisfied(Want::Room);
        }
        core.add_todo(self.todo);
        core
    }
}

impl Outlet for Writing<'_> {
    fn has_taken(&self) -> bool {
        !self.side.in_flight.is_empty()
    }

    fn refill(&mut self, first: bool) -> bool {
        let mut core = self.settle();
        let pending = match core.pending.len() {
            0 => Pending::Nothing,
            1 if !first && self.socket.is(Fault::RestOfAnUnlistedPipe) => Pending::Nothing,
            1 => Pending::Little,
            _ => Pending::Enough,
        };
        let refilled = core.flow.refill(first, pending);
        if refilled {
            core.hand_over(&mut self.side.in_flight);
        }
        refilled
    }

    fn write(&mut self) -> io::Result<()> {
        self.left += self.socket.kernel.write(&mut self.side.in_flight)?;
        Ok(())
    }

    fn block(&mut self, _: &io::Error) -> Blocked {
        if self.socket.is(Fault::AskedBeforeMarked) {
            self.socket.kernel.want_writable(true);
        }
        let mut core = self.settle();
        let blocked = core.flow.block();
        core.add_todo(self.todo);
        blocked
    }

    fn ask(&mut self) -> bool {
        if !self.socket.kernel.has_edges() {
            return self.socket.is(Fault::NoSecondTry);
        }
        self.side.watching = true;
        if !self.socket.is(Fault::AskedBeforeMarked) {
            self.socket.kernel.want_writable(true);
        }
        true
    }
}

impl Host for Socket {
    type Core = Core;
    type Driver = Driver;
    type Want = Want;

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock()
    }

    fn turns(core: &mut Core) -> &mut Turns<Driver, Want> {
        &mut core.turns
    }

    fn release(&self, mut core: MutexGuard<'_, Core>) {
        if self.looks_at_invariants {
            core.assert_invariants();
        }
        let mut todo = Todo::default();
        core.add_todo(&mut todo);
        if self.is(Fault::LeavesInSilence) && core.turns.is_free() {
            todo.calls.clear();
        }
        drop(core);
        self.act(todo);
    }

    fn seated(&self, driver: &mut Driver) {
        if std::mem::take(&mut driver.registered) {
            self.kernel.watch(None);
        }
    }

    fn round(&self, driver: &mut Driver) -> bool {
        if !driver.harvested.any() {
            driver.harvested = self.kernel.harvest(Some(Duration::ZERO)).0;
        }
        let mut core = self.core.lock();
        core.turns.awake();
        let notes = std::mem::take(&mut core.notes);
        drop(core);
        let edges = std::mem::take(&mut driver.harvested);
        if notes.writable || edges.writable {
            let mut todo = Todo::default();
            self.write_on(&mut todo);
            self.act(todo);
        }
        driver.readable |= notes.readable || edges.readable;
        let progress = notes.any() || edges.any() || driver.readable;
        driver.readable = driver.readable && self.read();
        progress
    }

    fn has_work(core: &Core, driver: &Driver) -> bool {
        let noted = core.notes.any() && core.fault != Fault::SleepsUnlooked;
        noted || driver.harvested.any() || driver.readable
    }

    fn is_noted(core: &Core) -> bool {
        core.notes.any() && core.fault != Fault::NotesAreLeft
    }

    fn may_spin(&self, _: &mut Driver) -> bool {
        perhaps()
    }

    fn spin(&self, driver: &mut Driver, flag: &Flag) -> bool {
        let (edges, found) = self.kernel.harvest(Some(Duration::ZERO));
        driver.harvested = edges;
        found || flag.is_raised()
    }

    fn alarm(&self, _: &Driver) -> Alarm {
        if self.kernel.has_edges() {
            Alarm::Poll(Arc::clone(&self.kernel) as Arc<dyn Bell>)
        } else {
            Alarm::Parked(Parker::current())
        }
    }

    fn sleep(&self, driver: &mut Driver, limit: Option<Duration>) {
        if self.kernel.has_edges() {
            driver.harvested = self.kernel.harvest(limit).0;
        } else {
            Parker::current().park(limit);
        }
    }
}

/// As `blocking::wait` for a caller who never takes the seat, but whoever gives up forgets that he was signalled.
fn wait_selfishly<T>(
    socket: &Socket,
    want: Want,
    patience: &Looks,
    mut attempt: impl FnMut(&mut Core) -> Option<(T, bool)>,
) -> Option<T> {
    if patience.left().is_none() {
        return blocking::wait(socket, want, patience, attempt);
    }
    let mut core = socket.core.lock();
    if let Some((found, more)) = attempt(&mut core) {
        core.turns.pass_on(want, more);
        socket.release(core);
        return Some(found);
    }
    let parker = Parker::current();
    let ticket = core.turns.enqueue(want, parker.clone());
    socket.release(core);
    parker.park(Some(Duration::from_secs(1)));
    let mut core = socket.core.lock();
    core.turns.dequeue(ticket);
    socket.release(core);
    None
}
