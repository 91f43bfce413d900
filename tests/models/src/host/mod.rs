//! A socket with one pipe, around the engine's protocols. It follows `core`, `flushing`, `reading`, `socket` and `managed`
//! of the engine step by step, without patterns, frames and bytes.

mod calls;
mod core;
mod driving;
mod ending;
mod fault;
mod managed_socket;
mod peer;
mod writing;

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use shuttle::sync::atomic::AtomicU64;
use shuttle::sync::{Arc, Condvar};

use crate::background::BackgroundStub;
use crate::kernel::{Bell, Edges, Kernel, Transport};
use crate::pipe::flush_state::FlushState;
use crate::streams::streaming::Streaming;
use crate::sys::sync::Mutex;
use crate::wait::block_on::Deadline;
use crate::wait::deferred_wakeups::DeferredWakeups;
use crate::wait::wait_queue::WaitQueue;

pub(crate) use fault::Fault;

/// Messages that a pipe may have queued.
const SEND_LIMIT: usize = 2;
/// Messages that may wait in the inbox before the pipe is paused.
const RECV_LIMIT: usize = 2;

/// Messages from this number on are large.
pub(crate) const LARGE: u32 = 1_000_000;
/// The memory that one of those takes; others take one.
pub(crate) const LARGE_SIZE: usize = 4;

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
    pub(crate) background: Arc<BackgroundStub>,
    fault: Fault,
    looks_at_invariants: bool,
    /// How often callers were overtaken, as a time.
    overtaken: AtomicU64,
    delivered: Mutex<usize>,
    arrived: Condvar,
}

#[allow(clippy::struct_excessive_bools, reason = "they are those of the engine")]
#[derive(Debug)]
pub(crate) struct Core {
    wait_queue: WaitQueue<Driver, Want>,
    closed: bool,
    /// Its pipe has gone.
    over: bool,
    peers: usize,
    inbox: VecDeque<u32>,
    paused: bool,
    pending_readiness: Edges,
    flush_state: FlushState,
    pending: VecDeque<u32>,
    queued: usize,
    /// How much memory there is for messages.
    memory: usize,
    /// A send found room and no memory.
    lacking: bool,
    /// The oldest messages are dropped for new ones.
    displaces: bool,
    /// The pipe stands in these lists.
    dirty: bool,
    due: bool,
    streaming: Streaming,
    in_a_row: usize,
    flush: bool,
    begin_stream: bool,
    /// Futures wait here, or have waited.
    futures: bool,
    /// Messages that arrived and that nobody gets, because the socket closed.
    unreceived: usize,
    fault: Fault,
}

#[derive(Debug, Default)]
struct WriteSide {
    in_flight: VecDeque<u32>,
    /// Written, and perhaps in the buffer of the transport still.
    buffered: usize,
    watching: bool,
    removed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Driver {
    polled: Edges,
    readable: bool,
    registered: bool,
}

#[derive(Debug, Default)]
struct AfterUnlock {
    flush: bool,
    wakeups: Vec<DeferredWakeups>,
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

impl Deadline for Looks {
    fn left(&self) -> Option<Duration> {
        let looks = self.0.as_ref()?;
        let left = looks.get();
        looks.set(left.saturating_sub(1));
        Some(Duration::from_secs(left.into()))
    }
}

impl Socket {
    /// With room for `room` messages in the system.
    pub(crate) fn new(transport: Transport, room: usize, fault: Fault) -> Arc<Self> {
        Self::build(transport, room, fault, fault == Fault::None)
    }

    /// One whose invariants are looked at though it has a fault: before they are broken nobody can hang.
    pub(crate) fn looked_at(transport: Transport, room: usize, fault: Fault) -> Arc<Self> {
        Self::build(transport, room, fault, true)
    }

    fn build(transport: Transport, room: usize, fault: Fault, looks_at_invariants: bool) -> Arc<Self> {
        let core = Core {
            wait_queue: WaitQueue::new(Driver::default()),
            closed: false,
            over: false,
            peers: 0,
            inbox: VecDeque::new(),
            paused: false,
            pending_readiness: Edges::default(),
            flush_state: FlushState::default(),
            pending: VecDeque::new(),
            queued: 0,
            memory: usize::MAX,
            lacking: false,
            displaces: false,
            dirty: false,
            due: false,
            streaming: Streaming::default(),
            in_a_row: 0,
            flush: false,
            begin_stream: false,
            futures: false,
            unreceived: 0,
            fault,
        };
        let socket = Arc::new(Self {
            core: Mutex::new(core),
            write: Mutex::default(),
            kernel: Kernel::new(transport, room),
            background: Arc::new(BackgroundStub::default()),
            fault,
            looks_at_invariants,
            overtaken: AtomicU64::new(0),
            delivered: Mutex::default(),
            arrived: Condvar::new(),
        });
        // The background thread serves a new socket, and admits its pipe.
        socket.kernel.watch(Some(Arc::clone(&socket.background) as Arc<dyn Bell>));
        let mut core = socket.core.lock();
        if let Some(mut driver) = core.wait_queue.try_drive_in_background() {
            driver.registered = true;
            core.wait_queue.release_driver_to_background(driver);
        }
        drop(core);
        socket
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }
}
