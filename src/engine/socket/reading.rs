//! One turn of reading: a pipe's octets, or its whole messages, become messages of the pattern.

use std::io;
use std::sync::Arc;
use std::task::Waker;

use hubless_protocol::patterns::{Incoming, Pattern, Verdict};
use hubless_protocol::wire::Body;
use hubless_transport::{Connection, Message, Packet, Stream, Unfinished};

use super::core::{AfterUnlock, Core, Phase};
use super::memory::read_buffers::{READ_BUFFER, ReadBuffers};
use super::pipe::connection::{Pipe, ReadSide};
use super::pipe::table::Entry;
use super::rationing::Ration;
use super::shared::Socket;
use super::sys::catch_panic::catch_panic;
use super::sys::sync::wake_task;
use super::wait::block_on::Waitable;
use crate::monitor::Removal;

/// What one turn of one pipe may deliver, so that no pipe keeps the others waiting.
const TURN: TurnLimit = TurnLimit { messages: 256, octets: 256 * 1024 };
/// What is parsed in one go with the socket's lock held.
const STRETCH: TurnLimit = TurnLimit { messages: 64, octets: 32 * 1024 };

/// With so much memory free beside it, a read needs no look at the memory: more than a system hands over at once.
const PLENTY: usize = 16 * 1024 * 1024;
/// With so much memory free beside it, a stretch is parsed without a look at the memory for each message.
const AMPLE: usize = 128 * 1024;
/// What may be read at once of a connection that carries whole messages.
const WHOLE: usize = 4 * 1024 * 1024;
/// What is read at once where memory is short.
const STEP: usize = 64 * 1024;

/// How much of a turn is left.
#[derive(Debug, Clone, Copy)]
struct TurnLimit {
    messages: usize,
    octets: usize,
}

impl TurnLimit {
    fn spend(&mut self, octets: usize) {
        self.messages = self.messages.saturating_sub(1);
        self.octets = self.octets.saturating_sub(octets);
    }

    fn is_spent(self) -> bool {
        self.messages == 0 || self.octets == 0
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
enum Parsed {
    /// So much may be read.
    Everything(Ration),
    Paused,
    TurnOver,
}

impl<P: Pattern> Socket<P> {
    /// Reads one pipe for one turn. A panic on the way ends that pipe, not the thread, whoever's it is.
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
        let blocked = |core: &mut Core<P>| {
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
                Ok(Fill::OfBody(octets)) => turn.octets = turn.octets.saturating_sub(octets),
                Ok(Fill::Last) => drained = true,
                Ok(Fill::End) => return Err(Removal::PeerLeft),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => return Err(Removal::OutOfMemory),
                Err(error) => return Err(Removal::Broken(error.into())),
            }
        }
        if ration != Ration::Unlimited && side.octets_of_unfinished() == 0 {
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
            let mut core = self.lock();
            let parsed = parse_stretch(&mut core, pipe, side, turn, drained);
            core.state.charge(pipe.id, side.octets(), side.messages);
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
fn parse_stretch<P: Pattern>(
    core: &mut Core<P>,
    pipe: &Pipe,
    side: &mut ReadSide,
    turn: &mut TurnLimit,
    drained: bool,
) -> Result<Option<Parsed>, Removal> {
    let open = core.state.phase == Phase::Open;
    // One that only receives takes no more from its peers while it closes than before: others may get it instead.
    let bounded = open || core.pattern.role().only_receives();
    let (plenty, scarce) = match core.state.table.get_mut(pipe.id) {
        None => return Err(Removal::PeerLeft),
        Some(entry) if entry.panicked => return Err(Removal::Panicked),
        Some(entry) => {
            side.learn(entry);
            let held = entry.untaken() + entry.buffered;
            let plenty = core.state.memory.fits(held, PLENTY);
            (plenty, !plenty && !core.state.memory.fits(held, AMPLE))
        }
    };
    let mut stretch = STRETCH;
    loop {
        if bounded && !core.state.may_read(pipe.id, scarce, || side.octets()) {
            return Ok(Some(Parsed::Paused));
        }
        if turn.is_spent() {
            return Ok(Some(Parsed::TurnOver));
        }
        if stretch.is_spent() {
            return Ok(None);
        }
        let Some(incoming) = side.next()? else {
            // Who is not read on now asks for no memory.
            if plenty || !open || drained {
                return Ok(Some(Parsed::Everything(Ration::Unlimited)));
            }
            let (sizes, within) = ((side.octets(), side.next_read(pipe)), side.is_within_body());
            let ration = core.state.may_fill(pipe.id, sizes, within, side.messages);
            return Ok(Some(ration.map_or(Parsed::Paused, Parsed::Everything)));
        };
        let octets = incoming.len();
        turn.spend(octets);
        stretch.spend(octets);
        let verdict = if open {
            core.step(|pattern, fx| pattern.message(pipe.id, incoming, fx))
        } else {
            core.state.arrived_too_late(pipe.id, octets);
            Verdict::Accepted
        };
        side.done();
        match verdict {
            Verdict::Accepted => {}
            Verdict::Drop(loss) => core.state.lost_at(pipe.id, loss),
            Verdict::Close(violation) => return Err(violation.into()),
        }
    }
}

/// What a read gave.
enum Fill {
    Some,
    /// So many octets of a large body.
    OfBody(usize),
    /// Something, and the system has no more.
    Last,
    End,
}

impl ReadSide {
    /// Octets read that are not yet a message of the pattern.
    pub(super) fn octets(&self) -> usize {
        let backlog: usize = self.backlog.iter().map(Packet::len).sum();
        self.buffer.len() - self.parsed + self.decoder.octets() + self.unfinished.bytes + backlog
    }

    /// The same, and one more for a message that was announced and of which nothing has come.
    pub(super) fn octets_of_unfinished(&self) -> usize {
        self.octets() + usize::from(self.is_within_body())
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

    /// The next message of what has been read, until [`done`](Self::done).
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Incoming<'_>>, Removal> {
        if self.backlog.is_empty() {
            let mut rest = &self.buffer[self.parsed..];
            let body = self.decoder.next(&mut rest, |length| self.body_pool.take(length));
            self.parsed = self.buffer.len() - rest.len();
            match body? {
                None => return Ok(None),
                Some(Body::Front { window, length }) => {
                    self.messages += 1;
                    return Ok(Some(Incoming::front(window, length)));
                }
                Some(Body::Large(octets)) => self.backlog.push_back(self.body_pool.message(octets).into()),
            }
        }
        self.messages += 1;
        self.in_backlog = true;
        Ok(self.backlog.front_mut().map(Incoming::packet))
    }

    /// The pattern has judged the message that came last.
    #[inline]
    fn done(&mut self) {
        if std::mem::take(&mut self.in_backlog) {
            self.backlog.pop_front();
        }
    }

    /// How much the next read may bring.
    fn next_read(&self, pipe: &Pipe) -> usize {
        match &*pipe.connection {
            Connection::Messages(_) => WHOLE,
            _ => self.decoder.ahead().unwrap_or(READ_BUFFER),
        }
    }

    /// Reads once. Everything read before has been parsed but the beginning of a frame.
    fn fill(
        &mut self,
        pipe: &Pipe,
        buffers: &ReadBuffers,
        messages: usize,
        ration: Ration,
    ) -> io::Result<Fill> {
        let stream = match (&*pipe.connection, ration) {
            (Connection::Stream(stream), Ration::Octets(octets)) => {
                return self.fill_little(&**stream, octets, pipe.manner.buffers);
            }
            (Connection::Stream(stream), Ration::Unlimited) => stream,
            (Connection::Messages(whole), _) => {
                let most = if ration == Ration::Unlimited { messages.max(1) } else { 1 };
                let received = whole.recv(&mut self.backlog, most);
                if pipe.manner.buffers {
                    self.unfinished = whole.unfinished();
                }
                let count = received?;
                return Ok(if count == 0 { Fill::End } else { Fill::Some });
            }
            _ => return Ok(Fill::End),
        };
        let (count, room, more) = if let Some(body) = self.decoder.body() {
            let room = body.capacity() - body.len();
            if room == 0 {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            let count = stream.read(body)?;
            if let Some((body, beyond)) = self.decoder.finish_body() {
                self.complete(self.body_pool.message(body), &beyond);
            }
            (count, room, Fill::OfBody(count))
        } else {
            self.make_buffer_room(buffers)?;
            let room = self.buffer.capacity() - self.buffer.len();
            (stream.read(&mut self.buffer)?, room, Fill::Some)
        };
        Ok(match count {
            0 => Fill::End,
            _ if count < room && self.is_drained(&**stream, pipe.manner.buffers) => Fill::Last,
            _ => more,
        })
    }

    /// Whether there is nothing more after a read that gave less than it could have.
    #[inline]
    fn is_drained(&self, stream: &dyn Stream, buffers: bool) -> bool {
        stream.short_read_drains() && !self.ending && !(buffers && stream.has_buffered_input())
    }

    /// Reads so much at most, into a buffer of its own, so that no more is taken than there is memory for.
    #[cold]
    fn fill_little(&mut self, stream: &dyn Stream, octets: usize, buffers: bool) -> io::Result<Fill> {
        let mut little = Vec::with_capacity(octets.min(STEP));
        let room = little.capacity();
        let count = stream.read(&mut little)?;
        self.buffer.drain(..self.parsed);
        self.parsed = 0;
        self.buffer.extend_from_slice(&little);
        Ok(match count {
            0 => Fill::End,
            _ if count < room && self.is_drained(stream, buffers) => Fill::Last,
            _ => Fill::OfBody(count),
        })
    }

    /// A large body is complete; what was read beyond it begins the next frame.
    fn complete(&mut self, message: Message, beyond: &[u8]) {
        self.backlog.push_back(message.into());
        self.buffer.clear();
        self.parsed = 0;
        self.buffer.extend_from_slice(beyond);
    }

    /// Moves the beginning of a frame to the front of a full-sized buffer.
    fn make_buffer_room(&mut self, buffers: &ReadBuffers) -> io::Result<()> {
        if self.buffer.capacity() < READ_BUFFER {
            let mut buffer = buffers.take()?;
            buffer.extend_from_slice(&self.buffer[self.parsed..]);
            self.buffer = buffer;
        } else {
            self.buffer.drain(..self.parsed);
        }
        self.parsed = 0;
        Ok(())
    }

    /// The turn is over. A buffer that is parsed goes back; the beginning of a frame is kept in a vector of
    /// its size, so that a peer that sends half a frame and then nothing holds no buffer. One that is full of whole
    /// messages is kept: copying it every turn would cost more than reading.
    fn settle(&mut self, buffers: &ReadBuffers) {
        let left = self.buffer.len() - self.parsed;
        if left > READ_BUFFER / 4 || self.buffer.capacity() < READ_BUFFER {
            return;
        }
        let rest = self.buffer[self.parsed..].to_vec();
        self.parsed = 0;
        buffers.put(std::mem::replace(&mut self.buffer, rest));
    }
}
