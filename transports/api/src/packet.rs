use std::fmt;

use smallvec::SmallVec;

use crate::Message;

/// Bytes of a pattern's header that fit in place.
const INLINE: usize = 16;

/// The bytes that a pattern puts in front of a body: a request number, a backtrace, a hop count.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Header(SmallVec<[u8; INLINE]>);

impl Header {
    /// No header.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// One word, as it stands on the wire.
    #[inline]
    pub fn word(word: u32) -> Self {
        word.to_be_bytes().as_slice().into()
    }

    /// Appends a word.
    #[inline]
    pub fn push_word(&mut self, word: u32) {
        self.0.extend_from_slice(&word.to_be_bytes());
    }

    /// Puts a word in front.
    pub fn insert_word(&mut self, word: u32) {
        self.0.insert_from_slice(0, &word.to_be_bytes());
    }

    /// Removes the first word and returns it; `None`, and no change, where there are fewer than four bytes.
    #[inline]
    pub fn take_word(&mut self) -> Option<u32> {
        let word = u32::from_be_bytes(*self.0.first_chunk()?);
        self.0.drain(..4);
        Some(word)
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&[u8]> for Header {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Header(")?;
        for byte in &self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// A message as it travels: the pattern's header kept apart from the user's body, so that neither is copied to join
/// them. On a byte stream the two are written one after the other and arrive as one body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Packet {
    /// Bytes of the pattern.
    pub header: Header,
    /// The user's bytes; on arrival from a stream, all of them.
    pub body: Message,
}

impl Packet {
    /// A packet of these two.
    #[inline]
    pub fn new(header: Header, body: Message) -> Self {
        Self { header, body }
    }

    /// The bytes it has on the wire, framing excluded.
    #[inline]
    pub fn len(&self) -> usize {
        self.header.len() + self.body.len()
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes the first word, read from the header as long as that lasts, then from the body, as if they were one.
    #[inline]
    pub fn take_word(&mut self) -> Option<u32> {
        if self.header.is_empty() {
            return self.body.take_word();
        }
        if self.header.len() >= 4 {
            return self.header.take_word();
        }
        let missing = 4 - self.header.len();
        let tail: SmallVec<[u8; 4]> = SmallVec::from_slice(self.body.get(..missing)?);
        self.header.0.extend_from_slice(&tail);
        self.body.advance(missing);
        self.header.take_word()
    }
}

impl From<Message> for Packet {
    #[inline]
    fn from(body: Message) -> Self {
        Self::new(Header::new(), body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_across_the_border_of_header_and_body() {
        let mut packet =
            Packet::new(Header::from(&[0u8, 0, 1][..]), Message::from(&[2u8, 0x80, 0, 0, 3, b'x'][..]));
        assert_eq!(packet.take_word(), Some(0x0102));
        assert_eq!(packet.take_word(), Some(0x8000_0003));
        assert_eq!(packet.take_word(), None);
        assert_eq!(&packet.body[..], b"x");
    }

    #[test]
    fn a_header_gives_its_words_back_in_order() {
        let mut header = Header::word(7);
        header.push_word(8);
        header.insert_word(6);
        assert_eq!([header.take_word(), header.take_word(), header.take_word()], [Some(6), Some(7), Some(8)]);
        assert_eq!(header.take_word(), None);
    }
}
