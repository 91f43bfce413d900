use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::time::Duration;

use mio::Registry;

use crate::{Packet, Peer, Wait};

/// What a transport gives: bytes that hubless frames, or whole messages.
#[derive(Debug)]
#[non_exhaustive]
pub enum Connection {
    /// A reliable, ordered byte stream.
    Stream(Box<dyn Stream>),
    /// Whole messages, reliable and in order.
    Messages(Box<dyn Messages>),
}

impl Connection {
    /// How the medium delimits what is sent over it.
    pub fn medium(&self) -> Medium {
        match self {
            Self::Stream(stream) => stream.medium(),
            Self::Messages(_) => Medium::Messages,
        }
    }
}

/// One connection to one peer. All methods take `&self` because one thread reads while another writes:
/// there is at most one reader and at most one writer at a time. Dropping it closes the connection.
pub trait Link: Send + Sync + fmt::Debug {
    /// From now on reports readiness to `wait`, which replaces an earlier one. Readiness is edge-triggered:
    /// whatever is ready at the time of this call is reported too, so that no edge is lost between two waits.
    ///
    /// # Errors
    /// When the system refuses the registration.
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()>;

    /// Stops reporting. The registry is the one of the last [`watch`](Self::watch).
    fn unwatch(&self, registry: &Registry);

    /// Goes on with connecting. `Ok` when bytes or messages can flow; `WouldBlock` when readiness must come first.
    /// Also the place of a handshake of the transport's own, such as TLS.
    ///
    /// # Errors
    /// `WouldBlock`, or why the connection failed.
    fn establish(&self) -> io::Result<()>;

    /// Whether the deadline of the handshake applies to [`establish`](Self::establish). `false` for a transport
    /// whose dialer rightly waits until a listener appears.
    fn establishes_promptly(&self) -> bool {
        true
    }

    /// Who is at the other end, as far as the transport knows. Meaningful once established.
    fn peer(&self) -> Peer;

    /// How many descriptors of the process it uses: they count toward the part that connections may have of them. 1 unless a
    /// transport says otherwise, as one does that stays within the process.
    fn descriptors(&self) -> usize {
        1
    }

    /// Whether it has buffers of its own, so that what was written may not have left, and what came may not have been read yet. Asked
    /// once, when it is established; only such a link is asked to [`flush`](Self::flush), and what it
    /// [wants](Self::wants_write). `false` for one that hands everything to the system at once, which pays nothing for those that do
    /// not.
    fn buffers(&self) -> bool {
        false
    }

    /// Writes what it has in its buffers, until nothing is left. Called by the thread that writes: before there is more to write, after
    /// the last write, and at a writable edge. Messages count as written once this has returned `Ok`, and closing waits for it.
    ///
    /// # Errors
    /// `WouldBlock` when the system takes no more, or why the connection broke.
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// Whether there is something to [`flush`](Self::flush): what was written, or what follows from reading, such as the answer to a
    /// ping or a change of keys. Asked after writing and after reading; when reading finds that it has to write first, it says
    /// `WouldBlock` and this says so.
    fn wants_write(&self) -> bool {
        false
    }

    /// Ends our direction: the peer reads what was written and then the end. Reading goes on. What lies in buffers of the link and
    /// cannot leave now is given up, and nothing is wanted to be written any more.
    fn shutdown(&self);

    /// What the other end has confirmed of what was written. Tells what is known, and waits for nothing; asked every few seconds
    /// while there may be something to confirm.
    ///
    /// A transport that cannot tell, or where nobody vanishes unnoticed, leaves it as it is: [`Acknowledged::All`].
    fn acknowledged(&self) -> Acknowledged {
        Acknowledged::All
    }
}

/// What the other end of a connection has confirmed, its system or itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acknowledged {
    /// All that was written, as far as anybody knows.
    All,
    /// Not all of it yet.
    NotYet,
    /// Not all of it, though it was asked and should have answered by now. Overdue each time for some while means that nobody is
    /// there; once means nothing yet.
    Overdue {
        /// How long nothing at all has come from there.
        silent: Duration,
    },
}

/// A byte stream. Calls must go on until [`io::ErrorKind::WouldBlock`] before a new edge is reported.
pub trait Stream: Link {
    /// Appends to `into` at most as many bytes as it has spare capacity, which is never none. Returns their
    /// number; 0 is the end.
    ///
    /// # Errors
    /// `WouldBlock`, or why the connection broke. `Interrupted` is never returned.
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize>;

    /// Writes a prefix of `slices` and returns its length. Never raises SIGPIPE.
    ///
    /// # Errors
    /// `WouldBlock`, or why the connection broke. `Interrupted` is never returned.
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Whether the last read, which gave less than it could have, has found that there is nothing more, unless the end was
    /// signalled: true for plain kernel sockets. One that [buffers](Link::buffers) says so only if that very read has found nothing more
    /// below: where it gave what it had in its buffers, more may have come meanwhile, and its edge been reported. It is asked for
    /// [`has_buffered_input`](Self::has_buffered_input) besides.
    fn short_read_drains(&self) -> bool {
        false
    }

    /// Whether there is something to read that was taken from the system already, so that no edge tells of it.
    fn has_buffered_input(&self) -> bool {
        false
    }

    /// What kind of stream it is: [`Medium::Stream`] or [`Medium::TypedStream`].
    fn medium(&self) -> Medium {
        Medium::Stream
    }
}

/// How a medium delimits what is sent over it. A wire protocol adds what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Medium {
    /// A stream of bytes, such as a connection of TCP: not at all.
    Stream,
    /// A stream of bytes within one machine, such as a unix socket, on which some wire protocols say of each message what type
    /// it has.
    TypedStream,
    /// Whole messages.
    Messages,
}

/// The beginning of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Unfinished {
    /// How many bytes of it are here.
    pub bytes: usize,
    /// How many have yet to come, if that is known.
    pub missing: Option<usize>,
}

impl Unfinished {
    /// A message of which `bytes` are here and `missing` have yet to come.
    pub fn new(bytes: usize, missing: Option<usize>) -> Self {
        Self { bytes, missing }
    }
}

/// Whole messages that move by ownership.
pub trait Messages: Link {
    /// What the other end has [offered](crate::Offer): its own name, or the one of ours that it wanted, whichever the medium says.
    /// Meaningful once established.
    fn offered(&self) -> String;

    /// The other end may come in. Called once after the connection is established, at both ends, and at an accepting end only
    /// when the peer has been admitted. A transport whose dialer would begin to send as soon as it is
    /// accepted holds it back until then; nothing is to be done where it cannot.
    fn admit(&self) {}

    /// Appends at most `most` messages to `into` and returns their number; 0 is the end.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing now, or why the connection broke.
    fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize>;

    /// Takes messages from the front of `from` as long as there is room and returns their number, at least 1.
    /// A writable edge follows when it took fewer than there were.
    ///
    /// # Errors
    /// `WouldBlock` when there is no room at all, or why the connection broke; then `from` is untouched.
    fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize>;

    /// What there is of a message that has not come as a whole. It is counted in the memory, and a peer that does not go on with it
    /// is given up. Nothing, where messages come as a whole.
    fn unfinished(&self) -> Unfinished {
        Unfinished::default()
    }

    /// Whether a writable edge has to be asked for after a refusal, by [`watch`](Link::watch) with that interest, as with a
    /// descriptor. `false` where one follows by itself.
    fn reports_room_when_asked(&self) -> bool {
        false
    }

    /// Receives nothing more: from now on the other end cannot [`send`](Self::send), and what it has sent and nobody has received
    /// is appended to `into`, so that it is counted. Called when the connection is given up, after [`shutdown`](Link::shutdown).
    ///
    /// A transport in which messages lie between the two ends hands them over here; otherwise they are lost, and at neither end is
    /// that counted. The default has none.
    fn stop(&self, into: &mut VecDeque<Packet>) {
        let _ = into;
    }
}
