//! The frames of a message as one, in the form of `ZeroMQ`'s RFC 50: each frame behind its length, which is one byte below 255, and
//! else a byte of 255 and four more.

use std::fmt;

use super::Message;

/// Lengths from this one on take four bytes more, and this is what stands in front of them.
const LONG: u8 = 255;
/// Frames of a message that is packed, at most. Each takes a word beside its bytes, and of frames without bytes there may be as many
/// as there are bytes.
const MOST: usize = 64 * 1024;
/// Bytes of one frame, at most.
const LONGEST: usize = u32::MAX as usize;

/// Why the frames of a message cannot be packed, or what arrived is not a packed message. `{:?}` is its text, as it is to be read
/// from `main`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FramesError {
    /// More than 65,536 frames.
    TooMany,
    /// A frame of 4 GiB or more.
    TooLong,
    /// The bytes end within a frame or its length.
    Truncated,
}

impl fmt::Display for FramesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TooMany => "the message has more than 65,536 frames",
            Self::TooLong => "a frame has more than 4,294,967,295 bytes",
            Self::Truncated => "the packed message ends within a frame",
        })
    }
}

/// As it is displayed.
impl fmt::Debug for FramesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FramesError {}

impl Message {
    /// All frames as one message of one frame, from which [`unpack`](Self::unpack) makes them again: for wire protocols that know
    /// no frames, and for files. The form is that of `zmsg_encode` of CZMQ (RFC 50 of ZeroMQ): in front of each frame stands
    /// its length.
    ///
    /// ```
    /// use hubless::{FramesError, Message};
    ///
    /// # fn main() -> Result<(), FramesError> {
    /// let message = Message::from_frames(["to", "text"]);
    /// let packed = message.pack()?;
    /// assert_eq!(packed, b"\x02to\x04text");
    /// assert_eq!(packed.unpack()?, message);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// With more than 65,536 frames, or with a frame of 4 GiB or more.
    pub fn pack(&self) -> Result<Self, FramesError> {
        self.pack_within(MOST, LONGEST)
    }

    /// The message whose frames these bytes are, as [`pack`](Self::pack) makes them. No bytes at all are one empty frame. Whatever the
    /// bytes say, it takes no more memory than they do and a megabyte.
    ///
    /// # Errors
    /// When the bytes end within a frame, or are more than 65,536 frames.
    pub fn unpack(&self) -> Result<Self, FramesError> {
        let (mut bytes, mut borders) = (Vec::with_capacity(self.len()), Vec::new());
        let mut rest = &self[..];
        while !rest.is_empty() {
            let (frame, behind) = split(rest).ok_or(FramesError::Truncated)?;
            bytes.extend_from_slice(frame);
            rest = behind;
            if !rest.is_empty() {
                borders.push(bytes.len());
                if borders.len() >= MOST {
                    return Err(FramesError::TooMany);
                }
            }
        }
        Ok(Self::of(bytes, borders))
    }

    fn pack_within(&self, most: usize, longest: usize) -> Result<Self, FramesError> {
        if self.frame_count() > most {
            return Err(FramesError::TooMany);
        }
        if self.frames().any(|frame| frame.len() > longest) {
            return Err(FramesError::TooLong);
        }
        let prefixes: usize = self.frames().map(|frame| if is_short(frame) { 1 } else { 5 }).sum();
        let mut packed = Vec::with_capacity(self.len() + prefixes);
        for frame in self.frames() {
            append(&mut packed, frame);
        }
        Ok(packed.into())
    }
}

fn is_short(frame: &[u8]) -> bool {
    frame.len() < LONG.into()
}

/// A frame of at most `LONGEST` bytes, behind its length.
fn append(packed: &mut Vec<u8>, frame: &[u8]) {
    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
    if is_short(frame) {
        packed.push(length[3]);
    } else {
        packed.push(LONG);
        packed.extend_from_slice(&length);
    }
    packed.extend_from_slice(frame);
}

/// The first frame and what is behind it.
fn split(packed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = packed.split_first()?;
    if first < LONG {
        return rest.split_at_checked(first.into());
    }
    let (length, rest) = rest.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_form_is_that_of_the_specification() {
        let long = [7; 255];
        let message = Message::from_frames([&b"to"[..], b"", &long[..254], &long]);
        let packed = [b"\x02to\0\xfe", &long[..254], b"\xff\0\0\0\xff", &long].concat();
        assert_eq!(message.pack().unwrap(), packed);
        assert_eq!(Message::from(packed).unpack(), Ok(message));
        assert_eq!(Message::new().pack().unwrap(), b"\0");
    }

    #[test]
    fn no_bytes_are_one_empty_frame_and_a_short_frame_may_have_a_long_length() {
        assert_eq!(Message::new().unpack(), Ok(Message::new()));
        assert_eq!(Message::from(b"\xff\0\0\0\x01a").unpack(), Ok("a".into()));
    }

    #[test]
    fn what_ends_within_a_frame_is_refused_whatever_length_it_claims() {
        for packed in
            [&b"\x01"[..], b"\0\x05abcd", b"\xff", b"\xff\0\0\0", b"\xff\0\0\0\x01", b"\xff\xff\xff\xff\xff"]
        {
            assert_eq!(Message::from(packed).unpack(), Err(FramesError::Truncated), "{packed:?}");
        }
    }

    #[test]
    fn so_many_frames_are_packed_and_unpacked_and_no_more() {
        let most = Message::from(vec![0; MOST]).unpack().unwrap();
        assert_eq!(most.frame_count(), MOST);
        assert_eq!(most.pack().unwrap(), vec![0; MOST]);
        assert_eq!(Message::from(vec![0; MOST + 1]).unpack(), Err(FramesError::TooMany));
        let more = Message::from_frames(vec![""; MOST + 1]);
        assert_eq!(more.pack(), Err(FramesError::TooMany));
    }

    #[test]
    fn a_frame_longer_than_its_length_can_say_is_not_packed() {
        let message = Message::from_frames(["1234", "12345"]);
        assert_eq!(message.pack_within(2, 4), Err(FramesError::TooLong));
        assert!(message.pack_within(2, 5).is_ok());
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(
            frames in vec(prop_oneof![vec(any::<u8>(), 0..20), vec(any::<u8>(), 250..300)], 1..20),
        ) {
            let message = Message::from_frames(&frames);
            let packed = message.pack().unwrap();
            prop_assert_eq!(packed.frame_count(), 1);
            prop_assert_eq!(packed.unpack(), Ok(message));
            for end in 0..packed.len() {
                if let Ok(part) = Message::from(&packed[..end]).unpack() {
                    prop_assert!(part.len() <= end && part.frame_count() <= frames.len());
                }
            }
        }
    }
}
