//! The system as a socket with one pipe sees it: a connection, and an edge-triggered event loop that another one may watch.
//! In its other shape, a transport without descriptors that tells of changes by notices.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::time::Duration;

use shuttle::sync::{Arc, Condvar};

use crate::check::pause;
use crate::sys::sync::Mutex;

/// Something that can be rung.
pub(crate) trait Bell: fmt::Debug + Send + Sync {
    fn ring(&self);
}

/// What kind of transport it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Has descriptors, and edges for those who ask.
    Stream,
    /// The same, with a buffer of its own between the writer and the system.
    Buffering,
    /// Has none, and tells of each change once.
    Messages,
}

/// Messages that fit into the buffer.
const BUFFER: usize = 2;

#[derive(Debug)]
pub(crate) struct Kernel {
    transport: Transport,
    state: Mutex<State>,
    changed: Condvar,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Default)]
struct State {
    arriving: VecDeque<u32>,
    /// Messages that fit.
    room: usize,
    /// What was written and has not left.
    buffered: VecDeque<u32>,
    /// What the peer has got.
    left: Vec<u32>,
    edges: Edges,
    rung: bool,
    deaf: bool,
    writable_wanted: bool,
    /// The last write was refused, and the writer is to be told.
    refused: bool,
    watcher: Option<Arc<dyn Bell>>,
}

/// Edges taken in one go.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Edges {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

impl Edges {
    pub(crate) fn any(self) -> bool {
        self.readable || self.writable
    }
}

impl Kernel {
    pub(crate) fn new(transport: Transport, room: usize) -> Arc<Self> {
        let state = Mutex::new(State { room, ..State::default() });
        Arc::new(Self { transport, state, changed: Condvar::new() })
    }

    pub(crate) fn has_edges(&self) -> bool {
        self.transport != Transport::Messages
    }

    /// The peer sends. Whether the reader is owed a notice.
    pub(crate) fn arrive(&self, message: u32) -> bool {
        let mut state = self.state.lock();
        let was_empty = state.arriving.is_empty();
        state.arriving.push_back(message);
        let edges = self.has_edges();
        state.edges.readable |= edges;
        self.announce(&state);
        was_empty && !edges
    }

    pub(crate) fn read(&self) -> Option<u32> {
        self.state.lock().arriving.pop_front()
    }

    pub(crate) fn buffers(&self) -> bool {
        self.transport == Transport::Buffering
    }

    /// Whether something was written that has not left.
    pub(crate) fn wants_write(&self) -> bool {
        !self.state.lock().buffered.is_empty()
    }

    /// What was written leaves, as far as there is room.
    pub(crate) fn flush(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        let count = state.buffered.len().min(state.room);
        state.room -= count;
        let leaving: Vec<u32> = state.buffered.drain(..count).collect();
        state.left.extend(leaving);
        let flushed = state.buffered.is_empty();
        drop(state);
        self.changed.notify_all();
        if flushed { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }

    /// Takes from the front of `from` what there is room for; how much.
    pub(crate) fn write(&self, from: &mut VecDeque<u32>) -> io::Result<usize> {
        let mut state = self.state.lock();
        if self.buffers() {
            let count = from.len().min(BUFFER - state.buffered.len());
            state.buffered.extend(from.drain(..count));
            return if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) };
        }
        let count = from.len().min(state.room);
        state.room -= count;
        state.left.extend(from.drain(..count));
        state.refused = !from.is_empty();
        drop(state);
        self.changed.notify_all();
        if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    /// The peer has taken `room` messages. Whether the writer must be notified.
    pub(crate) fn make_room(&self, room: usize) -> bool {
        let mut state = self.state.lock();
        state.room += room;
        state.edges.writable |= state.writable_wanted;
        self.announce(&state);
        !self.has_edges() && std::mem::take(&mut state.refused)
    }

    /// Asks for writable edges, or no longer. Asking reports room that is there already.
    pub(crate) fn want_writable(&self, wanted: bool) {
        let mut state = self.state.lock();
        state.writable_wanted = wanted;
        state.edges.writable |= wanted && state.room > 0;
        self.announce(&state);
    }

    /// Takes edges, waiting as long as the limit says. Whether there was anything, the waker included.
    pub(crate) fn poll_events(&self, limit: Option<Duration>) -> (Edges, bool) {
        let mut taken = (Edges::default(), false);
        let mut take = |state: &mut State| {
            let edges = std::mem::take(&mut state.edges);
            taken = (edges, std::mem::take(&mut state.rung) || edges.any());
            taken.1
        };
        match limit {
            None => self.state.wait_until(&self.changed, take),
            Some(limit) => {
                if !limit.is_zero() {
                    pause();
                }
                take(&mut self.state.lock());
            }
        }
        taken
    }

    /// Another event loop watches this one from now on, and hears of what is there already; or no longer.
    pub(crate) fn watch(&self, watcher: Option<Arc<dyn Bell>>) {
        let mut state = self.state.lock();
        state.watcher = watcher;
        if state.edges.any() {
            self.announce(&state);
        }
    }

    /// What the peer has got, and how many messages of its own nobody has read.
    pub(crate) fn outcome(&self) -> (Vec<u32>, usize) {
        let state = self.state.lock();
        (state.left.clone(), state.arriving.len())
    }

    /// Waits until the peer has got `count` messages.
    pub(crate) fn wait_for_peer(&self, count: usize) -> Vec<u32> {
        let mut got = Vec::new();
        self.state.wait_until(&self.changed, |state| {
            got.clone_from(&state.left);
            got.len() >= count
        });
        got
    }

    /// Waits until the peer has got this message; all it has got.
    pub(crate) fn wait_for_peer_to_get(&self, message: u32) -> Vec<u32> {
        let mut got = Vec::new();
        self.state.wait_until(&self.changed, |state| {
            got.clone_from(&state.left);
            got.contains(&message)
        });
        got
    }

    /// From now on the waker does nothing.
    pub(crate) fn deafen(&self) {
        self.state.lock().deaf = true;
    }

    fn announce(&self, state: &State) {
        if let Some(watcher) = &state.watcher
            && state.edges.any()
        {
            watcher.ring();
        }
        self.changed.notify_all();
    }
}

/// The waker of the event loop.
impl Bell for Kernel {
    fn ring(&self) {
        let mut state = self.state.lock();
        state.rung = !state.deaf;
        drop(state);
        self.changed.notify_all();
    }
}
