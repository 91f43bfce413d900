use hubless_transport::{Message, Packet};

/// A message that has arrived and that no pattern has judged yet. It is where it arrived, and becomes a message of its own
/// only when it is delivered, so that what is dropped costs nothing and what is not is copied once.
#[derive(Debug)]
pub struct Incoming<'a>(Place<'a>);

#[derive(Debug)]
enum Place<'a> {
    /// The first `length` bytes of a longer buffer.
    Front {
        window: &'a [u8],
        length: usize,
    },
    Packet(&'a mut Packet),
}

impl<'a> Incoming<'a> {
    /// The first `length` bytes of `window`, which has as many; what follows them is not looked at.
    #[inline]
    pub fn front(window: &'a [u8], length: usize) -> Self {
        debug_assert!(length <= window.len());
        Self(Place::Front { window, length })
    }

    /// A message in memory of its own, which is taken out of there.
    #[inline]
    pub fn packet(packet: &'a mut Packet) -> Self {
        Self(Place::Packet(packet))
    }

    /// How many bytes are left, those of the pattern included.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        match &self.0 {
            Place::Front { length, .. } => *length,
            Place::Packet(packet) => packet.len(),
        }
    }

    /// Removes the first word; `None`, and no change, where there are fewer than four bytes.
    #[inline]
    pub fn take_word(&mut self) -> Option<u32> {
        match &mut self.0 {
            Place::Front { window, length } => {
                let left = length.checked_sub(4)?;
                let (word, rest) = window.split_first_chunk()?;
                (*window, *length) = (rest, left);
                Some(u32::from_be_bytes(*word))
            }
            Place::Packet(packet) => packet.take_word(),
        }
    }

    /// What is left, as one slice: the user's. A header that goes on after the words that were taken is no header but
    /// the start of the body, as it would be on a byte stream.
    #[inline]
    pub fn body(&mut self) -> &[u8] {
        match &mut self.0 {
            Place::Front { window, length } => window.get(..*length).unwrap_or(window),
            Place::Packet(packet) => {
                if !packet.header.is_empty() {
                    join(packet);
                }
                &packet.body
            }
        }
    }

    /// The same as a message, of one frame: SP knows no others, and a transport that carries whole messages is no exception, or a
    /// program would see where its peer is.
    #[inline]
    pub fn into_body(self) -> Message {
        match self.0 {
            Place::Front { window, length } => Message::from_front(window, length),
            Place::Packet(packet) => take_body(packet),
        }
    }
}

/// Not in the place of the call, where a stream is parsed: that has to stay small.
#[inline(never)]
fn take_body(packet: &mut Packet) -> Message {
    if !packet.header.is_empty() {
        join(packet);
    }
    packet.body.join_frames();
    std::mem::take(&mut packet.body)
}

#[cold]
fn join(packet: &mut Packet) {
    let header = std::mem::take(&mut packet.header);
    packet.body = [header.as_slice(), &packet.body].concat().into();
}

#[cfg(test)]
mod tests {
    use hubless_transport::Header;

    use super::*;

    #[test]
    fn words_and_body_are_the_same_wherever_the_message_is() {
        let bytes = b"\0\0\0\x07\x80\0\0\x01body, and what is not of this message, so much that it fills a window of its own";
        let mut packet = Packet::new(Header::from(&bytes[..5]), Message::from(&bytes[5..12]));
        for mut incoming in [Incoming::front(bytes, 12), Incoming::packet(&mut packet)] {
            assert_eq!(incoming.len(), 12);
            assert_eq!((incoming.take_word(), incoming.take_word()), (Some(7), Some(0x8000_0001)));
            assert_eq!(incoming.body(), b"body");
            assert_eq!(incoming.len(), 4);
            assert_eq!(incoming.into_body(), "body");
        }
    }

    #[test]
    fn a_header_that_goes_on_is_the_start_of_the_body() {
        let mut packet = Packet::new(Header::from(&b"abc"[..]), "de".into());
        let mut incoming = Incoming::packet(&mut packet);
        assert_eq!(incoming.body(), b"abcde");
        assert_eq!(incoming.take_word(), Some(u32::from_be_bytes(*b"abcd")));
        assert_eq!(incoming.take_word(), None);
        assert_eq!(incoming.into_body(), "e");
    }

    #[test]
    fn frames_are_joined_as_they_would_be_on_a_byte_stream() {
        for length in [3, 300] {
            let body = Message::from_frames([vec![1; length], vec![2; length]]);
            let joined = Message::from(&body[..]);
            for header in [&b""[..], b"abc"] {
                let mut packet = Packet::new(Header::from(header), body.clone());
                let arrived = Incoming::packet(&mut packet).into_body();
                assert_eq!((arrived.frame_count(), arrived.ends_with(&joined)), (1, true));
            }
        }
    }

    #[test]
    fn a_word_is_not_taken_from_beyond_the_message() {
        let mut incoming = Incoming::front(b"abcdef", 3);
        assert_eq!(incoming.take_word(), None);
        assert_eq!(incoming.into_body(), "abc");
    }
}
