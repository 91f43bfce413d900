use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Deref;

use bytes::{Buf, Bytes};

use crate::owners::Owned;

/// Bodies up to this many octets are kept in place: no allocation, no reference count. A round number, because a message is
/// moved in pieces of 16 octets: a last piece that overlaps the one before waits for it to leave the store buffer, which took
/// a quarter of the time of a send.
const INLINE: usize = 64;

/// The body of one message: octets, cheap to clone and to move.
///
/// Up to 64 octets are kept in place; a longer body is shared between clones and never copied by them.
/// It reads as a slice of octets:
///
/// ```
/// use hubless::Message;
///
/// let message = Message::from("hello");
/// assert_eq!(&message[..], b"hello");
/// assert_eq!(message.as_str(), Ok("hello"));
/// ```
///
/// Memory that has an owner of yours (`Bytes::from_owner`) is given back to it by whoever drops the last piece of the body, on any
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

/// A body kept in place. The length is stored plus one, in a whole word so that it moves as one; zero, which it never is,
/// tells a shared body from this.
#[derive(Clone, Copy)]
#[repr(C)]
struct Inline {
    octets: [u8; INLINE],
    length: NonZeroUsize,
}

impl Inline {
    const EMPTY: Self = Self { octets: [0; INLINE], length: NonZeroUsize::MIN };

    /// A copy, if it fits.
    #[inline]
    fn copy_of(octets: &[u8]) -> Option<Self> {
        let mut inline = Self::EMPTY;
        inline.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        inline.set_len(octets.len());
        Some(inline)
    }

    #[inline]
    fn len(&self) -> usize {
        self.length.get() - 1
    }

    #[inline]
    fn set_len(&mut self, len: usize) {
        self.length = Self::stored(len);
    }

    #[inline]
    fn stored(len: usize) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(len)
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        &self.octets[..self.len()]
    }
}

impl Message {
    /// An empty message.
    pub const fn new() -> Self {
        Self(Body::Inline(Inline::EMPTY))
    }

    /// A copy of the first `length` octets of `window`, or of all where there are fewer. The same as `Message::from` of that
    /// slice, and faster where what follows in the window may be touched: a short body is copied in one piece of fixed
    /// size.
    #[inline]
    pub fn from_front(window: &[u8], length: usize) -> Self {
        match window.first_chunk() {
            Some(octets) if length <= INLINE => {
                Self(Body::Inline(Inline { octets: *octets, length: Inline::stored(length) }))
            }
            _ => window.get(..length).unwrap_or(window).into(),
        }
    }

    /// Appends the octets to `buffer`. A short body is copied in one piece of fixed size.
    #[inline]
    pub fn append_to(&self, buffer: &mut Vec<u8>) {
        match &self.0 {
            Body::Inline(inline) => {
                let end = buffer.len() + inline.len();
                buffer.extend_from_slice(&inline.octets);
                buffer.truncate(end);
            }
            Body::Shared(bytes) => buffer.extend_from_slice(bytes.as_slice()),
        }
    }

    /// The octets as text.
    ///
    /// # Errors
    /// When they are not UTF-8.
    pub fn as_str(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(self)
    }

    /// The octets as [`Bytes`]; a body kept in place is copied, a longer one is not.
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Body::Inline(inline) => Bytes::copy_from_slice(inline.as_slice()),
            Body::Shared(bytes) => bytes.take(),
        }
    }

    /// The octets as a vector; copied, unless this is the only holder of a longer body whose memory it may have. That of a
    /// large body that was received goes back to its socket, to be used again.
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Body::Inline(inline) => inline.as_slice().to_vec(),
            Body::Shared(bytes) => bytes.take().into(),
        }
    }

    /// Drops the first `count` octets.
    ///
    /// # Panics
    /// When there are fewer.
    #[inline]
    pub fn advance(&mut self, count: usize) {
        match &mut self.0 {
            Body::Inline(inline) => {
                let end = inline.len();
                assert!(count <= end, "a message of {end} octets cannot lose {count}");
                inline.octets.copy_within(count..end, 0);
                inline.set_len(end - count);
            }
            Body::Shared(bytes) => bytes.bytes_mut().advance(count),
        }
    }

    /// Removes the first four octets and returns them as a number; `None`, and no change, where there are fewer.
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

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Message {
    #[inline]
    fn from(octets: &[u8]) -> Self {
        match Inline::copy_of(octets) {
            Some(inline) => Self(Body::Inline(inline)),
            None => Self(Body::Shared(Owned::new(Bytes::copy_from_slice(octets)))),
        }
    }
}

impl<const N: usize> From<&[u8; N]> for Message {
    fn from(octets: &[u8; N]) -> Self {
        octets.as_slice().into()
    }
}

impl<const N: usize> From<[u8; N]> for Message {
    fn from(octets: [u8; N]) -> Self {
        octets.as_slice().into()
    }
}

impl From<&Vec<u8>> for Message {
    fn from(octets: &Vec<u8>) -> Self {
        octets.as_slice().into()
    }
}

impl From<Box<[u8]>> for Message {
    fn from(octets: Box<[u8]>) -> Self {
        octets.into_vec().into()
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        text.as_bytes().into()
    }
}

impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<Vec<u8>> for Message {
    fn from(octets: Vec<u8>) -> Self {
        if octets.len() <= INLINE {
            octets.as_slice().into()
        } else {
            Self(Body::Shared(Owned::new(octets.into())))
        }
    }
}

impl From<Bytes> for Message {
    fn from(octets: Bytes) -> Self {
        if octets.len() <= INLINE { octets.as_ref().into() } else { Self(Body::Shared(Owned::new(octets))) }
    }
}

impl From<&Self> for Message {
    fn from(message: &Self) -> Self {
        message.clone()
    }
}

impl Eq for Message {}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Message {
    fn eq(&self, other: &T) -> bool {
        self[..] == *other.as_ref()
    }
}

/// The length and the first octets, so that a log shows neither megabytes nor terminal codes.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 32;
        let dots = if self.len() > SHOWN { ".." } else { "" };
        let start = self[..self.len().min(SHOWN)].escape_ascii();
        write!(f, "Message({} octets, \"{start}{dots}\")", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_it_was_made_from_whatever_the_length() {
        for length in [0, 1, 63, 64, 65, 255, 256, 70_000] {
            let octets: Vec<u8> = (0..=250).cycle().take(length).collect();
            assert_eq!(Message::from(octets.as_slice()), octets);
            assert_eq!(Message::from(octets.clone()), octets);
            assert_eq!(Message::from(Bytes::from(octets.clone())), octets);
            assert_eq!(Message::from(octets.as_slice()).into_bytes(), octets);
            assert_eq!(Message::from(octets.as_slice()).into_vec(), octets);
        }
    }

    #[test]
    fn the_front_can_be_taken_off() {
        for length in [8, 64, 100] {
            let octets: Vec<u8> = (0..length).collect();
            let mut message = Message::from(octets.as_slice());
            assert_eq!(message.take_word(), Some(0x0001_0203));
            message.advance(1);
            assert_eq!(message, octets[5..]);
        }
        assert_eq!(Message::from("abc").take_word(), None);
    }

    #[test]
    fn it_takes_72_octets_of_memory() {
        assert_eq!(size_of::<Message>(), 72);
    }
}
