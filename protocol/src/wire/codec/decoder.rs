use super::{Codec, each};
use crate::wire::item::Item;
use crate::wire::sp::{self, Framing};
#[cfg(any(test, feature = "test-wire"))]
use crate::wire::test_wire;

/// Why a stream cannot be read on. Each closes the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// A frame claims more than the limit.
    TooLarge {
        /// What it claims.
        length: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A frame of a type that does not exist.
    FrameType(u8),
    /// None of the peer's: there is no memory for what has arrived of a large body.
    NoMemory,
}

/// Cuts one byte stream into items.
#[derive(Debug)]
pub enum Decoder {
    /// Of SP, which has messages alone.
    Sp(sp::Decoder),
    /// Of the wire for tests.
    #[doc(hidden)]
    #[cfg(any(test, feature = "test-wire"))]
    Test(test_wire::Decoder),
}

impl Decoder {
    /// For a stream of this framing. Longer messages than `max_message` bytes, the pattern's header included, are a violation.
    #[inline]
    pub fn new(codec: Codec, framing: Framing, max_message: u64) -> Self {
        match codec {
            Codec::Sp => Self::Sp(sp::Decoder::new(framing, max_message)),
            #[cfg(any(test, feature = "test-wire"))]
            Codec::Test(keys) => Self::Test(test_wire::Decoder::new(keys, max_message)),
        }
    }

    /// Opens what is whole and sealed at the front of `input`, so that [`next`](Self::next), which may be called with a lock held, does
    /// not have to. Shortens `input` by what it took. What cannot be opened is told by `next`, behind what can. A wire that seals nothing
    /// leaves everything to `next`.
    #[inline]
    pub fn open(&mut self, input: &mut &[u8]) {
        match self {
            Self::Sp(_) => {
                // Used by other wires only.
                let _ = input;
            }
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(decoder) => decoder.open(input),
        }
    }

    /// Takes the next item from the front of `input` and shortens `input` by exactly what it consumed. `None`: more bytes are needed.
    /// A small body stays in `input` until it is complete; a large one is consumed as far as it goes and then continues through
    /// [`body`](Self::body), or through here. `memory` may have some for a large body of the length it is told; what it gives is empty,
    /// and may have no capacity.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`]: the stream is of no use any more.
    #[inline]
    pub fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        memory: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<Option<Item<'a>>, DecodeError> {
        match self {
            Self::Sp(decoder) => decoder.next(input, memory),
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test(decoder) => decoder.next(input, memory),
        }
    }

    /// The large body under way, with spare capacity for a read to append to: at least one byte, normally no more than are missing, never
    /// more than 64 KiB or as many as have arrived, whichever is more. `None` when no large body is under way.
    #[inline]
    pub fn body(&mut self) -> Option<&mut Vec<u8>> {
        each!(self, decoder => decoder.body())
    }

    /// After a read into [`body`](Self::body): the body if it is complete now, and the bytes read beyond it, for an allocator may
    /// give more capacity than asked for.
    #[inline]
    pub fn finish_body(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        each!(self, decoder => decoder.finish_body())
    }

    /// Whether a large body is under way.
    #[inline]
    pub fn is_within_body(&self) -> bool {
        each!(self, decoder => decoder.is_within_body())
    }

    /// How much the next read into [`body`](Self::body) may bring. `None` when no large body is under way.
    #[inline]
    pub fn ahead(&self) -> Option<usize> {
        each!(self, decoder => decoder.ahead())
    }

    /// How many bytes are missing of the message under way, of which the input that was not consumed is `rest`. Nothing as long as
    /// its length has not come.
    #[inline]
    pub fn missing(&self, rest: &[u8]) -> Option<usize> {
        each!(self, decoder => decoder.missing(rest))
    }

    /// How many bytes it has taken and not given as items: of a large body, and what was opened.
    #[inline]
    pub fn bytes(&self) -> usize {
        each!(self, decoder => decoder.bytes())
    }
}
