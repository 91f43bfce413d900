use std::io::IoSlice;

use hubless_transport::{Message, Packet};
use smallvec::SmallVec;

use super::{Codec, each};
use crate::wire::sp::{self, Framing};
#[cfg(any(test, feature = "test-wire"))]
use crate::wire::test_wire;
use crate::{Control, ControlRefused};

/// The most slices offered to one write.
pub const SLICES: usize = 16;

/// The messages and controls that wait to be written to one pipe.
#[derive(Debug)]
pub enum Encoder {
    /// Of SP, which has messages alone.
    Sp(sp::Encoder),
    /// Of the wire for tests.
    #[doc(hidden)]
    #[cfg(any(test, feature = "test-wire"))]
    Test(test_wire::Encoder),
}

impl Encoder {
    /// An empty queue for a stream of this framing.
    pub fn new(codec: Codec, framing: Framing) -> Self {
        match codec {
            Codec::Sp => Self::Sp(sp::Encoder::new(framing)),
            #[cfg(any(test, feature = "test-wire"))]
            Codec::Test(keys) => Self::Test(test_wire::Encoder::new(keys)),
        }
    }

    /// Appends a message. A small body is copied, a large one taken.
    #[inline]
    pub fn push(&mut self, header: &[u8], body: &mut Message) {
        each!(self, encoder => encoder.push(header, body));
    }

    /// Appends a message that goes to others as well. A small body is copied, a large one shared.
    #[inline]
    pub fn push_shared(&mut self, header: &[u8], body: &Message) {
        match self {
            Self::Sp(encoder) => encoder.push_shared(header, body),
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(encoder) => encoder.push(header, body),
        }
    }

    /// Puts a control in front of the first message that is not begun, behind the controls that stand there. It is no message: it
    /// is neither counted as one nor given back.
    ///
    /// # Errors
    ///
    /// The wire has no controls.
    pub fn push_control(&mut self, control: Control<'_>) -> Result<(), ControlRefused> {
        match self {
            Self::Sp(_) => {
                // Used by other wires only.
                let _ = control;
                Err(ControlRefused::NoControls)
            }
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(encoder) => {
                encoder.push_control(control);
                Ok(())
            }
        }
    }

    /// How many bytes of messages are still to be written, prefixes included.
    #[inline]
    pub fn bytes(&self) -> usize {
        each!(self, encoder => encoder.bytes())
    }

    /// How many messages have bytes to be written.
    #[inline]
    pub fn messages(&self) -> usize {
        each!(self, encoder => encoder.messages())
    }

    /// What the controls [cost](Control::cost) that have bytes to be written.
    #[inline]
    pub fn controls(&self) -> usize {
        match self {
            Self::Sp(_) => 0,
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(encoder) => encoder.controls(),
        }
    }

    /// Whether everything was written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes() == 0 && self.controls() == 0
    }

    /// Adds the front of the queue to `into`: what one write call is worth. A wire that seals does so here, some 64 KiB ahead at most,
    /// and keeps the messages until their bytes have left.
    #[inline]
    pub fn slices<'a>(&'a mut self, into: &mut SmallVec<[IoSlice<'a>; SLICES]>) {
        each!(self, encoder => encoder.slices(into));
    }

    /// The next `written` bytes were written. Returns how many messages had their last byte among them.
    #[inline]
    pub fn advance(&mut self, written: usize) -> usize {
        each!(self, encoder => encoder.advance(written))
    }

    /// Whether the first message was written in part.
    #[inline]
    pub fn is_cut(&self) -> bool {
        each!(self, encoder => encoder.is_cut())
    }

    /// Empties the queue and returns the messages whose last byte was not written, oldest first. A message written in part is
    /// among them: the peer discards a half message. A wire whose bytes can be read again joins header and body; one that seals has
    /// kept the messages.
    pub fn recover(&mut self) -> Vec<Packet> {
        match self {
            Self::Sp(encoder) => encoder.recover().into_iter().map(Packet::from).collect(),
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(encoder) => encoder.recover(),
        }
    }

    /// Takes out the messages of which nothing was written or sealed, as [`recover`](Self::recover) does. The others stay.
    pub fn withdraw(&mut self) -> Vec<Packet> {
        match self {
            Self::Sp(encoder) => encoder.withdraw().into_iter().map(Packet::from).collect(),
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(encoder) => encoder.withdraw(),
        }
    }

    /// Gives memory back where the queue is empty: keeps at most `keep` bytes.
    #[inline]
    pub fn recycle(&mut self, keep: usize) {
        each!(self, encoder => encoder.recycle(keep));
    }
}
