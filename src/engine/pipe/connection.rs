//! One live peer: its connection, with a lock for the reading and one for the writing side.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use hubless_protocol::patterns::{PipeId, Time};
use hubless_protocol::wire::{Codec, DecodeError, Decoder};
use hubless_protocol::{Control, ControlKind};
use hubless_transport::{Connection, Link, Notifier, Notify, Packet, Peer, Unfinished};

use super::endpoint_counters::SourceEndpoint;
use super::interruptions::Interruptions;
use super::memory::body_pool::BodyPool;
use super::send_queue::{QueueSize, SendQueue};
use super::slots::{Slotted, word};
use super::sys::contained::Contained;
use super::sys::fd_limit::InUse;
use super::sys::sync::{AtomicBool, Mutex, Ordering};

/// A connection past its handshake. Shared by the socket's table and the threads that read or write at the moment; the
/// descriptor is closed when the last of them lets go.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) id: PipeId,
    pub(crate) connection: Contained<Connection>,
    pub(crate) manner: Manner,
    /// Behind the connection, so that what is given back has been closed.
    pub(crate) in_use: InUse,
    /// What the connection tells that it is ready, if it has no descriptor.
    pub(crate) notify: Arc<dyn Notify>,
    /// Shared with the answers to surveys that came by it, which may outlive it.
    pub(crate) peer: Arc<Peer>,
    /// The dialer or listener it came from.
    pub(crate) source: Arc<SourceEndpoint>,
    /// Since when it has stood.
    pub(crate) since: Time,
    /// It is out of the table: who writes to it stops. No more than a hint, so that removing it does not wait for a queue to be
    /// written.
    pub(crate) ended: Ended,
    /// Held by the driver, and while the pipe is removed.
    pub(crate) read: Mutex<ReadSide>,
    /// Held across writing. A thread that holds it may take the socket's lock, never the other way round.
    pub(crate) write: Mutex<WriteSide>,
}

/// What a connection needs beside reading and writing: asked once, so that others pay nothing for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    /// It has buffers, which have to be flushed.
    pub(crate) buffers: bool,
    /// Writable edges are asked for after a refusal; else one comes by itself.
    pub(crate) asks_for_room: bool,
    /// Its wire has controls.
    pub(crate) has_controls: bool,
    /// What each message takes in its queue in addition to its own bytes.
    pub(crate) prefix: usize,
}

/// Whether a pipe is out of the table.
#[derive(Debug, Default)]
pub(crate) struct Ended(AtomicBool);

#[derive(Debug)]
pub(crate) struct ReadSide {
    /// Bytes read and not yet parsed begin at `parsed`.
    pub(crate) buffer: Vec<u8>,
    pub(crate) parsed: usize,
    pub(crate) decoder: Decoder,
    /// Where large bodies get their memory from.
    pub(crate) body_pool: Arc<BodyPool>,
    /// What a transport that puts messages together has of the next.
    pub(crate) unfinished: Unfinished,
    /// What came instead of a message, until somebody has seen to it.
    pub(crate) halt: Option<Halt>,
    /// Whole messages received and not yet delivered.
    pub(crate) backlog: VecDeque<Packet>,
    /// The pattern judges the first of these.
    pub(crate) in_backlog: bool,
    /// The system has signalled the end: read on until it is found, however short the reads.
    pub(crate) ending: bool,
    /// Writing has failed: the pipe ends when everything there is has been read.
    pub(crate) broken: Option<io::ErrorKind>,
    /// Messages read so far.
    pub(crate) messages: u64,
}

/// What comes in a stream instead of a message.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Something that the peer says beside messages.
    Control(ControlKind, Vec<u8>),
    DecodeError(DecodeError),
}

impl Halt {
    #[cold]
    #[inline(never)]
    pub(crate) fn set(place: &mut Option<Self>, came: Result<Control<'_>, DecodeError>) {
        *place = Some(match came {
            Ok(control) => Self::Control(control.kind, control.body.to_vec()),
            Err(error) => Self::DecodeError(error),
        });
    }
}

#[derive(Debug)]
pub(crate) struct WriteSide {
    /// What was taken from the table's queue and is being written.
    pub(crate) in_flight: SendQueue,
    /// Of what is in `in_flight`.
    pub(crate) interruptions: Interruptions,
    /// What the controls cost that were written and are not counted as gone.
    pub(crate) controls_left: usize,
    /// Written, and perhaps in the buffers of the transport still.
    pub(crate) buffered: QueueSize,
    /// What the controls cost that are there.
    pub(crate) buffered_controls: usize,
    /// Whether writable edges are asked for. Only while the system refuses, because on a unix socket every read of the
    /// peer is one.
    pub(crate) watching: bool,
    /// The pipe was removed: write nothing more.
    pub(crate) removed: bool,
    /// A step of writing has panicked: no other is taken.
    pub(crate) panicked: bool,
}

impl Slotted for Arc<Pipe> {
    fn id(&self) -> PipeId {
        self.id
    }
}

impl Manner {
    pub(crate) fn of(connection: &Connection, codec: Codec) -> Self {
        let (asks_for_room, has_controls, prefix) = match connection {
            Connection::Messages(whole) => (whole.reports_room_when_asked(), false, 0),
            other => (true, codec.has_controls(), codec.prefix(other.medium().into())),
        };
        Self { buffers: link(connection).buffers(), asks_for_room, has_controls, prefix }
    }
}

impl Pipe {
    pub(crate) fn link(&self) -> &dyn Link {
        link(&self.connection)
    }

    pub(crate) fn end(&self) {
        self.ended.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.0.load(Ordering::Relaxed)
    }

    /// What the connection reports to, with the word by which the socket's event loop knows the pipe.
    pub(crate) fn notifier(&self) -> Notifier {
        Notifier::new(Arc::clone(&self.notify), word(self.id))
    }
}

impl WriteSide {
    pub(crate) fn new(in_flight: SendQueue) -> Self {
        Self {
            in_flight,
            interruptions: Interruptions::default(),
            controls_left: 0,
            buffered: QueueSize::default(),
            buffered_controls: 0,
            watching: false,
            removed: false,
            panicked: false,
        }
    }
}

/// The part that both kinds of connection have.
pub(crate) fn link(connection: &Connection) -> &dyn Link {
    match connection {
        Connection::Stream(stream) => &**stream,
        Connection::Messages(messages) => &**messages,
        // The enum is open for kinds to come. `Worker::begin_handshake` admits none that it does not know.
        _ => unreachable!("a connection of an unknown kind was admitted"),
    }
}
