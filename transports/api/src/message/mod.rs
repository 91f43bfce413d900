//! The message: bytes, cheap to clone and to move, with the borders of its frames.

mod convert;
mod frames;
mod inline;
mod pack;

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use crate::owners::Owned;
use inline::{INLINE, Inline};

pub use pack::FramesError;

/// The body of one message: bytes, cheap to clone and to move.
///
/// Up to 64 bytes are kept in place; a longer body is shared between clones and never copied by them.
/// It reads as a slice of bytes:
///
/// ```
/// use hubless::Message;
///
/// let message = Message::from("hello");
/// assert_eq!(&message[..], b"hello");
/// assert_eq!(message.as_str(), Ok("hello"));
/// ```
///
/// # Frames
///
/// A message may have several frames, which cost a message of one frame nothing. The bytes of all frames lie one behind the
/// other, and read as one slice; [`frames`](Self::frames) gives each by itself. A comparison with bytes or text looks at the
/// bytes alone; two messages are equal when their frames are.
///
/// ```
/// use hubless::Message;
///
/// let message = Message::from_frames(["wx.rain", "12 mm"]);
/// assert_eq!(message, "wx.rain12 mm");
/// assert_ne!(message, Message::from("wx.rain12 mm"));
/// assert_eq!(message.frame(1), Some(&b"12 mm"[..]));
/// ```
///
/// The wire protocol of today knows no frames: a message arrives with its frames joined, over every transport, inproc included, so that no
/// program depends on where its peer is. [`pack`](Self::pack) puts the borders among the bytes, and [`unpack`](Self::unpack) finds
/// them again.
///
/// # Memory with an owner
///
/// Memory that has an owner of yours (`Bytes::from_owner`) is given back to it when the last piece of the body is dropped, on any
/// thread, but under no lock of the library. So the owner's `drop` may call sockets, its own among them, but must not wait for
/// one: the thread may be the one that serves it. A panic in it harms no socket and loses no message; it ends there, unless the
/// call in which the body is dropped is yours, as `send` to nobody is: then it may come out of that.
#[derive(Clone)]
pub struct Message(Body);

#[derive(Clone)]
enum Body {
    Inline(Inline),
    Shared(Owned),
}

// Larger, each message would take one more move; and the word of `Inline` is what tells the two apart.
const _: () = assert!(size_of::<Message>() == 72);
const _: () = assert!(size_of::<Message>() == size_of::<Inline>());

impl Message {
    /// An empty message.
    pub const fn new() -> Self {
        Self(Body::Inline(Inline::EMPTY))
    }

    /// A copy of the first `length` bytes of `window`, or of all where there are fewer. The same as `Message::from` of that
    /// slice, and faster where what follows in the window may be touched: a short body is copied in one piece of fixed
    /// size.
    #[inline]
    pub fn from_front(window: &[u8], length: usize) -> Self {
        match window.first_chunk() {
            Some(bytes) if length <= INLINE => Self(Body::Inline(Inline::front(*bytes, length))),
            _ => window.get(..length).unwrap_or(window).into(),
        }
    }

    /// Appends the bytes to `buffer`. A short body is copied in one piece of fixed size.
    #[inline]
    pub fn append_to(&self, buffer: &mut Vec<u8>) {
        match &self.0 {
            Body::Inline(inline) => {
                let end = buffer.len() + inline.len();
                buffer.extend_from_slice(inline.room());
                buffer.truncate(end);
            }
            Body::Shared(bytes) => buffer.extend_from_slice(bytes.as_slice()),
        }
    }

    /// The bytes as text.
    ///
    /// # Errors
    /// When they are not UTF-8.
    pub fn as_str(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(self)
    }

    /// The bytes as `Bytes`; a body kept in place is copied, a longer one is not.
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Body::Inline(inline) => Bytes::copy_from_slice(inline.as_slice()),
            Body::Shared(bytes) => bytes.take(),
        }
    }

    /// The bytes as a vector; copied, unless this is the only holder of a longer body whose memory it may have. That of a
    /// large body that was received goes back to its socket, to be used again.
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Body::Inline(inline) => inline.as_slice().to_vec(),
            Body::Shared(bytes) => bytes.take().into(),
        }
    }

    /// Drops the first `count` bytes, and the frames that end before those do. A frame that ends with them stays, empty.
    ///
    /// # Panics
    /// When there are fewer.
    #[inline]
    pub fn advance(&mut self, count: usize) {
        match &mut self.0 {
            Body::Inline(inline) => {
                let end = inline.len();
                assert!(count <= end, "a message of {end} bytes cannot lose {count}");
                inline.advance(count);
            }
            Body::Shared(bytes) => bytes.advance(count),
        }
    }

    /// Removes the first four bytes and returns them as a number; `None`, and no change, where there are fewer.
    #[inline]
    pub fn take_word(&mut self) -> Option<u32> {
        let word = u32::from_be_bytes(*self.first_chunk()?);
        self.advance(4);
        Some(word)
    }
}

impl Default for Message {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Message {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Body::Inline(inline) => inline.as_slice(),
            Body::Shared(bytes) => bytes.as_slice(),
        }
    }
}

/// The length and the first bytes, so that a log shows neither megabytes nor terminal codes.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 32;
        let dots = if self.len() > SHOWN { ".." } else { "" };
        let start = self[..self.len().min(SHOWN)].escape_ascii();
        write!(f, "Message({} bytes, ", self.len())?;
        if self.frame_count() > 1 {
            write!(f, "{} frames, ", self.frame_count())?;
        }
        write!(f, "\"{start}{dots}\")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_it_was_made_from_whatever_the_length() {
        for length in [0, 1, 63, 64, 65, 255, 256, 70_000] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            assert_eq!(Message::from(bytes.as_slice()), bytes);
            assert_eq!(Message::from(bytes.clone()), bytes);
            assert_eq!(Message::from(Bytes::from(bytes.clone())), bytes);
            assert_eq!(Message::from(bytes.as_slice()).into_bytes(), bytes);
            assert_eq!(Message::from(bytes.as_slice()).into_vec(), bytes);
        }
    }

    #[test]
    fn the_front_can_be_taken_off() {
        for length in [8, 64, 100] {
            let bytes: Vec<u8> = (0..length).collect();
            let mut message = Message::from(bytes.as_slice());
            assert_eq!(message.take_word(), Some(0x0001_0203));
            message.advance(1);
            assert_eq!(message, bytes[5..]);
        }
        assert_eq!(Message::from("abc").take_word(), None);
    }
}
