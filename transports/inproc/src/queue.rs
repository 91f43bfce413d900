//! One direction of a connection: a bounded queue and the readiness of its two ends.
//!
//! No lock is held while a notifier is called or a message dropped. What an end is told is decided under the lock
//! that its notifier is replaced under: a change comes either before the replacement, which then reports it, or after,
//! and is reported to the new notifier.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem;

use hubless_transport::{Notifier, Packet, Readiness};

use super::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most messages that wait in one direction.
pub(crate) const MOST_MESSAGES: usize = 256;

/// The most bytes that wait in one direction, unless a single message has more.
pub(crate) const MOST_OCTETS: usize = 4 << 20;

/// A queue from one end of a connection to the other.
pub(crate) struct Channel {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    packets: VecDeque<Packet>,
    bytes: usize,
    /// What the receiving end offers; nothing as long as the dialer at the sending end waits for it.
    receiver: Option<Arc<str>>,
    /// The sending end sends nothing more.
    ended: bool,
    /// The receiving end is gone.
    abandoned: bool,
    /// The sending end had more than there was room for, and is to be told when there is some again.
    refused: bool,
    reader: Option<Notifier>,
    writer: Option<Notifier>,
}

impl Channel {
    /// A channel to an end that exists.
    pub(crate) fn to(receiver: Arc<str>) -> Self {
        Self { state: Mutex::new(State { receiver: Some(receiver), ..State::default() }) }
    }

    /// A channel to an end that is yet to come: see [`open`](Self::open).
    pub(crate) fn to_nobody_yet() -> Self {
        Self { state: Mutex::new(State::default()) }
    }

    /// The receiving end has come.
    pub(crate) fn open(&self, receiver: Arc<str>) {
        let mut state = self.lock();
        state.receiver = Some(receiver);
        let writer = state.writer.clone();
        drop(state);
        notify(writer, Readiness::Writable);
    }

    /// What the receiving end offers, once that has come.
    pub(crate) fn receiver(&self) -> Option<Arc<str>> {
        self.lock().receiver.clone()
    }

    /// Whether the receiving end is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().abandoned
    }

    /// Takes messages from the front of `from` while there is room.
    pub(crate) fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize> {
        let bytes = if from.len() <= MOST_MESSAGES { from.iter().map(Packet::len).sum() } else { usize::MAX };
        let mut state = self.lock();
        if state.ended || state.abandoned {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if state.receiver.is_none() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let was_empty = state.packets.is_empty();
        let taken = state.admit(from, bytes);
        state.refused = !from.is_empty();
        if taken == 0 && state.refused {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let reader = if was_empty && taken > 0 { state.reader.clone() } else { None };
        drop(state);
        notify(reader, Readiness::Readable);
        Ok(taken)
    }

    /// Appends at most `most` messages to `into`; 0 is the end.
    pub(crate) fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize> {
        if most == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "asked for no message"));
        }
        let mut state = self.lock();
        if state.packets.is_empty() {
            return if state.ended { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let taken = state.hand_out(into, most);
        let writer = if state.refused && state.is_half_empty() {
            state.refused = false;
            state.writer.clone()
        } else {
            None
        };
        drop(state);
        notify(writer, Readiness::Writable);
        Ok(taken)
    }

    /// Reports to `reader` from now on, and at once what the receiving end finds already.
    pub(crate) fn watch_reader(&self, reader: Option<Notifier>) {
        let mut state = self.lock();
        let pending = !state.packets.is_empty() || state.ended;
        let replaced = mem::replace(&mut state.reader, reader.clone());
        drop(state);
        drop(replaced);
        notify(reader.filter(|_| pending), Readiness::Readable);
    }

    /// Reports to `writer` from now on, and at once what the sending end finds already.
    pub(crate) fn watch_writer(&self, writer: Option<Notifier>) {
        let mut state = self.lock();
        let pending = state.abandoned || (state.receiver.is_some() && state.has_room_for(1));
        let replaced = mem::replace(&mut state.writer, writer.clone());
        drop(state);
        drop(replaced);
        notify(writer.filter(|_| pending), Readiness::Writable);
    }

    /// The sending end sends nothing more. What is queued can still be received.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        let first = !mem::replace(&mut state.ended, true);
        let reader = if first { state.reader.clone() } else { None };
        drop(state);
        notify(reader, Readiness::Readable);
    }

    /// The receiving end takes nothing more. What was queued for it; nothing the second time, for none has come since.
    pub(crate) fn abandon(&self) -> VecDeque<Packet> {
        let mut state = self.lock();
        state.abandoned = true;
        state.bytes = 0;
        let left = mem::take(&mut state.packets);
        let writer = state.writer.clone();
        drop(state);
        notify(writer, Readiness::Writable);
        left
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Moves what fits from the front of `from`, which has `bytes` in all.
    fn admit(&mut self, from: &mut VecDeque<Packet>, bytes: usize) -> usize {
        let all = from.len();
        if self.packets.is_empty() && bytes <= MOST_OCTETS {
            mem::swap(&mut self.packets, from);
            self.bytes = bytes;
            return all;
        }
        if self.packets.len() + all <= MOST_MESSAGES && self.bytes.saturating_add(bytes) <= MOST_OCTETS {
            self.packets.append(from);
            self.bytes += bytes;
            return all;
        }
        let mut taken = 0;
        while from.front().is_some_and(|packet| self.has_room_for(packet.len()))
            && let Some(packet) = from.pop_front()
        {
            self.bytes += packet.len();
            self.packets.push_back(packet);
            taken += 1;
        }
        taken
    }

    /// Moves at most `most` messages to the back of `into`.
    fn hand_out(&mut self, into: &mut VecDeque<Packet>, most: usize) -> usize {
        let all = self.packets.len();
        if all > most {
            for packet in self.packets.drain(..most) {
                self.bytes -= packet.len();
                into.push_back(packet);
            }
            return most;
        }
        self.bytes = 0;
        if into.is_empty() {
            mem::swap(&mut self.packets, into);
        } else {
            into.append(&mut self.packets);
        }
        all
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        self.packets.is_empty()
            || (self.packets.len() < MOST_MESSAGES && self.bytes.saturating_add(bytes) <= MOST_OCTETS)
    }

    fn is_half_empty(&self) -> bool {
        self.packets.len() <= MOST_MESSAGES / 2 && self.bytes <= MOST_OCTETS / 2
    }
}

/// Tells the watcher, if there is one.
pub(crate) fn notify(notifier: Option<Notifier>, readiness: Readiness) {
    if let Some(notifier) = notifier {
        notifier.notify(readiness);
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Channel")
            .field("messages", &state.packets.len())
            .field("bytes", &state.bytes)
            .field("ended", &state.ended)
            .field("abandoned", &state.abandoned)
            .finish_non_exhaustive()
    }
}
