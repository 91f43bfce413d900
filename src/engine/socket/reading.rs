//! One turn of reading: a pipe's bytes, or its whole messages, become messages of the pattern.

use std::io;
use std::sync::Arc;
use std::task::Waker;

use hubless_protocol::Control;
use hubless_protocol::patterns::{Incoming, Pattern, Verdict};
use hubless_protocol::wire::Item;
use hubless_transport::{Packet, Unfinished};

use super::core::{AfterUnlock, Core, Phase, State};
use super::filling::Fill;
use super::pipe::connection::{Halt, Pipe, ReadSide};
use super::pipe::table::Entry;
use super::rationing::{Intake, Ration};
use super::shared::AnySocket;
use super::sys::catch_panic::catch_panic;
use super::sys::sync::wake_task;
use super::typed::{AnyPattern, Typed};
use super::wait::block_on::Waitable;
use crate::monitor::Removal;

/// What one turn of one pipe may deliver, so that no pipe keeps the others waiting.
const TURN: TurnLimit = TurnLimit { messages: 256, bytes: 256 * 1024 };
/// What is parsed in one go with the socket's lock held.
const STRETCH: TurnLimit = TurnLimit { messages: 64, bytes: 32 * 1024 };

/// With so much memory free beside it, a read needs no look at the memory: more than a system hands over at once.
const PLENTY: usize = 16 * 1024 * 1024;
/// With so much memory free beside it, a stretch is parsed without a look at the memory for each message.
const AMPLE: usize = 128 * 1024;

/// How much of a turn is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnLimit {
    messages: usize,
    bytes: usize,
}

impl TurnLimit {
    fn spend(&mut self, bytes: usize) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn is_spent(self) -> bool {
        self.messages == 0 || self.bytes == 0
    }
}

/// How a turn ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// There is nothing more to read now: an edge will tell. Or the pipe is paused: receiving will.
    Done,
    /// The turn was over, the pipe was not.
    More,
    /// The pipe was removed.
    Removed,
}

/// How parsing what has been read ended.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// So much may be read.
    Everything(Ration),
    Paused,
    TurnOver,
}

impl AnySocket {
    /// Reads one pipe for one turn. A panic on the way ends that pipe, not the thread, whichever thread it is.
    pub(super) fn read_guarded(&self, pipe: &Arc<Pipe>, tasks: &mut Vec<Waker>) -> Turn {
        let turn = catch_panic(|| self.read(pipe, tasks)).unwrap_or_else(|_| {
            self.remove(pipe, &Removal::Panicked);
            Turn::Removed
        });
        tasks.drain(..).for_each(wake_task);
        turn
    }

    /// Reads and parses one pipe for one turn.
    fn read(&self, pipe: &Arc<Pipe>, tasks: &mut Vec<Waker>) -> Turn {
        let mut side = pipe.read.lock();
        match self.take_turn(pipe, &mut side, tasks) {
            Ok(turn) => {
                side.settle(&self.buffers);
                drop(side);
                if pipe.manner.buffers { self.write_what_reading_left(pipe, turn, tasks) } else { turn }
            }
            Err(removal) => {
                drop(side);
                self.remove(pipe, &removal);
                Turn::Removed
            }
        }
    }

    /// A transport with buffers may have to write before it can read on, or because of what it has read.
    #[cold]
    #[inline(never)]
    fn write_what_reading_left(&self, pipe: &Arc<Pipe>, turn: Turn, tasks: &mut Vec<Waker>) -> Turn {
        if !pipe.link().wants_write() {
            return turn;
        }
        // One that is blocked is told of room, and writes and reads on then.
        let blocked = |core: &mut Core| {
            core.state.table.get_mut(pipe.id).is_none_or(|entry| entry.flush_state.is_blocked())
        };
        if blocked(&mut self.lock()) {
            return turn;
        }
        let mut after = AfterUnlock::default();
        self.flush(pipe, &mut after);
        after.wakeups.iter_mut().for_each(|wakeups| wakeups.put_off_tasks(tasks));
        self.act(after);
        if blocked(&mut self.lock()) { turn } else { Turn::More }
    }

    fn take_turn(&self, pipe: &Pipe, side: &mut ReadSide, tasks: &mut Vec<Waker>) -> Result<Turn, Removal> {
        let mut turn = TURN;
        let (mut drained, mut ration) = (false, Ration::Unlimited);
        loop {
            ration = match self.parse(pipe, side, &mut turn, drained, tasks)? {
                Parsed::Everything(_) if drained => break,
                Parsed::Everything(ration) => ration,
                Parsed::Paused => return Ok(Turn::Done),
                Parsed::TurnOver => return Ok(Turn::More),
            };
            match side.fill(pipe, &self.buffers, turn.messages, ration) {
                Ok(Fill::Some) => {}
                Ok(Fill::OfBody(bytes)) => turn.bytes = turn.bytes.saturating_sub(bytes),
                Ok(Fill::Last) => drained = true,
                Ok(Fill::End) => return Err(Removal::PeerLeft),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => return Err(Removal::OutOfMemory),
                Err(error) => return Err(Removal::Broken(error.into())),
            }
        }
        if ration != Ration::Unlimited && side.bytes_of_unfinished() == 0 {
            let mut core = self.lock();
            core.state.has_nothing_to_finish(pipe.id);
            self.release(core);
        }
        match side.broken {
            // What the peer had sent before writing to it failed has been read.
            Some(kind) => Err(Removal::Broken(kind.into())),
            None => Ok(Turn::Done),
        }
    }

    /// Hands what has been read to the pattern, in stretches, so that senders get at the lock in between. The futures that
    /// are to be woken are left to when the pipe's lock is released.
    fn parse(
        &self,
        pipe: &Pipe,
        side: &mut ReadSide,
        turn: &mut TurnLimit,
        drained: bool,
        tasks: &mut Vec<Waker>,
    ) -> Result<Parsed, Removal> {
        loop {
            side.open();
            let mut core = self.lock();
            let Core { state, pattern } = &mut *core;
            let parsed = pattern.parse_stretch(state, pipe, side, turn, drained);
            core.state.charge(pipe.id, side.bytes(), side.messages);
            let after = core.state.take_after_unlock();
            drop(core);
            if let Some(mut after) = after {
                self.flush_all(&mut after);
                after.wakeups.iter_mut().for_each(|wakeups| wakeups.put_off_tasks(tasks));
                self.act(after);
            }
            if let Some(parsed) = parsed.transpose() {
                return parsed;
            }
        }
    }
}

/// Parses until something ends it, or the stretch is over: then nothing is returned.
pub(super) fn parse_stretch<P: Pattern>(
    typed: &mut Typed<P>,
    state: &mut State,
    pipe: &Pipe,
    side: &mut ReadSide,
    turn: &mut TurnLimit,
    drained: bool,
) -> Result<Option<Parsed>, Removal> {
    let open = state.phase == Phase::Open;
    // One that only receives takes no more from its peers while it closes than before: others may get it instead.
    let bounded = open || typed.pattern.role().only_receives();
    let (plenty, scarce) = match state.table.get_mut(pipe.id) {
        None => return Err(Removal::PeerLeft),
        Some(entry) if entry.panicked => return Err(Removal::Panicked),
        Some(entry) => {
            side.learn(entry);
            let held = entry.untaken() + entry.buffered;
            let plenty = state.memory.fits(held, PLENTY);
            (plenty, !plenty && !state.memory.fits(held, AMPLE))
        }
    };
    let mut stretch = STRETCH;
    loop {
        if bounded && !state.may_read(pipe.id, scarce, || side.bytes(), &mut typed.inboxes) {
            return Ok(Some(Parsed::Paused));
        }
        if turn.is_spent() {
            return Ok(Some(Parsed::TurnOver));
        }
        if stretch.is_spent() {
            return Ok(None);
        }
        let Some(incoming) = side.next() else {
            if let Some(halt) = side.halt.take() {
                halted(typed, state, pipe, halt, [turn, &mut stretch])?;
                continue;
            }
            // Who is not read on now asks for no memory.
            if plenty || !open || drained {
                return Ok(Some(Parsed::Everything(Ration::Unlimited)));
            }
            let ration = state.may_fill(pipe.id, side.intake(pipe), &mut typed.inboxes);
            return Ok(Some(ration.map_or(Parsed::Paused, Parsed::Everything)));
        };
        let bytes = incoming.len();
        turn.spend(bytes);
        stretch.spend(bytes);
        let verdict = if open {
            typed.step(state, |pattern, fx| pattern.message(pipe.id, incoming, fx))
        } else {
            state.arrived_too_late(pipe.id, bytes);
            Verdict::Accepted
        };
        side.done();
        heed(state, pipe, verdict)?;
    }
}

/// Does what the pattern wants with what has arrived.
#[inline]
fn heed(state: &mut State, pipe: &Pipe, verdict: Verdict) -> Result<(), Removal> {
    match verdict {
        Verdict::Accepted => {}
        Verdict::Drop(loss) => state.lost_at(pipe.id, loss),
        Verdict::Close(violation) => return Err(violation.into()),
    }
    Ok(())
}

/// The peer has broken the protocol; or it has said something beside messages, which takes its part of a turn as they do.
#[cold]
#[inline(never)]
fn halted(
    typed: &mut dyn AnyPattern,
    state: &mut State,
    pipe: &Pipe,
    halt: Halt,
    limits: [&mut TurnLimit; 2],
) -> Result<(), Removal> {
    let (kind, body) = match halt {
        Halt::Control(kind, body) => (kind, body),
        Halt::DecodeError(error) => return Err(error.into()),
    };
    for limit in limits {
        limit.spend(body.len());
    }
    let verdict = state.hear_control(pipe.id, Control { kind, body: &body }, typed);
    heed(state, pipe, verdict)
}

impl ReadSide {
    /// Bytes read that are not yet a message of the pattern.
    pub(super) fn bytes(&self) -> usize {
        let backlog: usize = self.backlog.iter().map(Packet::len).sum();
        self.buffer.len() - self.parsed + self.decoder.bytes() + self.unfinished.bytes + backlog
    }

    /// What is to be known before it is read on.
    fn intake(&self, pipe: &Pipe) -> Intake {
        Intake {
            here: self.bytes(),
            next: self.next_read(pipe),
            within_body: self.is_within_body(),
            messages: self.messages,
        }
    }

    /// [`bytes`](Self::bytes), and one more for a message that was announced and of which nothing has come.
    pub(super) fn bytes_of_unfinished(&self) -> usize {
        self.bytes() + usize::from(self.is_within_body())
    }

    /// How much the peer has still to send of the message under way, if that is known.
    pub(super) fn missing(&self) -> Option<usize> {
        if !self.backlog.is_empty() {
            return Some(0);
        }
        let rest = &self.buffer[self.parsed..];
        if self.is_put_together() { self.unfinished.missing } else { self.decoder.missing(rest) }
    }

    /// Whether a message was announced that is not here as a whole.
    fn is_within_body(&self) -> bool {
        self.decoder.is_within_body() || self.is_put_together()
    }

    /// Whether the transport has the beginning of a message.
    fn is_put_together(&self) -> bool {
        self.unfinished != Unfinished::default()
    }

    /// Takes over what the table knows of the pipe.
    fn learn(&mut self, entry: &Entry) {
        self.ending |= entry.ending;
        self.broken = self.broken.or(entry.broken);
    }

    /// Opens what was read and is sealed, for which nobody waits.
    #[inline]
    pub(super) fn open(&mut self) {
        let mut rest = &self.buffer[self.parsed..];
        self.decoder.open(&mut rest);
        self.parsed = self.buffer.len() - rest.len();
    }

    /// The next message of what has been read, until [`done`](Self::done). If there is none, [`halt`](Self::halt) may say what there
    /// is instead.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Incoming<'_>> {
        if self.backlog.is_empty() {
            let mut rest = &self.buffer[self.parsed..];
            let item = self.decoder.next(&mut rest, |length| self.body_pool.take(length));
            self.parsed = self.buffer.len() - rest.len();
            match item {
                Ok(Some(Item::Front { window, length })) => {
                    self.messages += 1;
                    return Some(Incoming::front(window, length));
                }
                Ok(Some(Item::Large(bytes))) => {
                    self.backlog.push_back(self.body_pool.message(bytes).into());
                }
                Ok(None) => return None,
                Ok(Some(Item::Control(control))) => {
                    Halt::set(&mut self.halt, Ok(control));
                    return None;
                }
                Err(error) => {
                    Halt::set(&mut self.halt, Err(error));
                    return None;
                }
            }
        }
        self.messages += 1;
        self.in_backlog = true;
        self.backlog.front_mut().map(Incoming::packet)
    }

    /// The pattern has judged the message that came last.
    #[inline]
    fn done(&mut self) {
        if std::mem::take(&mut self.in_backlog) {
            self.backlog.pop_front();
        }
    }
}
