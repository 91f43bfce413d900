//! The frames of a message.

use std::ops::Range;

use super::inline::{INLINE, Inline};
use super::{Body, Message};
use crate::owners::Owned;

impl Message {
    /// A message of these frames. Of none it has one, which is empty.
    ///
    /// ```
    /// use hubless::Message;
    ///
    /// let message = Message::from_frames(["to", "", "text"]);
    /// assert_eq!(message.frame_count(), 3);
    /// assert_eq!(Message::from_frames([] as [&str; 0]).frame_count(), 1);
    /// ```
    pub fn from_frames(frames: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let (mut bytes, mut borders) = (Vec::new(), Vec::new());
        for (number, frame) in frames.into_iter().enumerate() {
            if number > 0 {
                borders.push(bytes.len());
            }
            bytes.extend_from_slice(frame.as_ref());
        }
        Self::of(bytes, borders)
    }

    /// The frames, first to last: at least one.
    ///
    /// ```
    /// use hubless::Message;
    ///
    /// let message = Message::from_frames(["to", "text"]);
    /// let lengths: Vec<usize> = message.frames().map(<[u8]>::len).collect();
    /// assert_eq!(lengths, [2, 4]);
    /// ```
    pub fn frames(&self) -> impl ExactSizeIterator<Item = &[u8]> + DoubleEndedIterator + Clone {
        (0..self.frame_count()).map(|index| self.frame(index).unwrap_or_default())
    }

    /// How many frames it has: at least one.
    #[inline]
    pub fn frame_count(&self) -> usize {
        let borders = match &self.0 {
            Body::Inline(inline) => inline.border_count(),
            Body::Shared(bytes) => bytes.borders().len(),
        };
        borders + 1
    }

    /// The frame in this place, the first being 0.
    #[inline]
    pub fn frame(&self, index: usize) -> Option<&[u8]> {
        self.get(self.range(index)?)
    }

    /// Appends a frame. The bytes of a longer message are copied where others share them; of many frames,
    /// [`from_frames`](Self::from_frames) makes a message with fewer copies.
    ///
    /// ```
    /// use hubless::Message;
    ///
    /// let mut message = Message::from("to");
    /// message.push_frame("text");
    /// assert_eq!(message, Message::from_frames(["to", "text"]));
    /// ```
    pub fn push_frame(&mut self, frame: impl AsRef<[u8]>) {
        let mut borders = self.take_borders();
        borders.push(self.len());
        let mut bytes = std::mem::take(self).into_vec();
        bytes.extend_from_slice(frame.as_ref());
        *self = Self::of(bytes, borders);
    }

    /// Each frame as a message of its own, first to last. Longer ones share the memory of this.
    ///
    /// ```
    /// use hubless::Message;
    ///
    /// let message = Message::from_frames(["to", "text"]);
    /// let frames: Vec<Message> = message.into_frames().collect();
    /// assert_eq!(frames, ["to", "text"]);
    /// ```
    pub fn into_frames(self) -> impl ExactSizeIterator<Item = Self> + DoubleEndedIterator {
        let ranges = 0..self.frame_count();
        ranges.map(move |index| self.range(index).map(|range| self.part(range)).unwrap_or_default())
    }

    /// Makes one frame of all: what a wire protocol without frames makes of a message.
    ///
    /// ```
    /// use hubless::Message;
    ///
    /// let mut message = Message::from_frames(["to", "text"]);
    /// message.join_frames();
    /// assert_eq!(message, Message::from("totext"));
    /// ```
    #[inline]
    pub fn join_frames(&mut self) {
        match &mut self.0 {
            Body::Inline(inline) => inline.join(),
            Body::Shared(bytes) => bytes.join(),
        }
    }

    /// A message of these bytes with these borders.
    pub(super) fn of(bytes: Vec<u8>, borders: Vec<usize>) -> Self {
        match Inline::with_borders(&bytes, &borders) {
            Some(inline) => Self(Body::Inline(inline)),
            None => Self(Body::Shared(Owned::with_borders(bytes.into(), borders))),
        }
    }

    #[inline]
    pub(super) fn has_same_borders(&self, other: &Self) -> bool {
        let (mine, others) = (self.frame_count(), other.frame_count());
        mine == others && (0..mine).all(|index| self.border(index) == other.border(index))
    }

    /// Where this frame lies.
    fn range(&self, index: usize) -> Option<Range<usize>> {
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => self.border(before)?,
        };
        Some(start..self.border(index).unwrap_or(self.len()))
    }

    /// Where this frame ends, if there is another behind it.
    #[inline]
    fn border(&self, index: usize) -> Option<usize> {
        match &self.0 {
            Body::Inline(inline) => inline.border(index),
            Body::Shared(bytes) => bytes.borders().get(index).copied(),
        }
    }

    /// All borders; the message has one frame afterwards.
    fn take_borders(&mut self) -> Vec<usize> {
        match &mut self.0 {
            Body::Inline(inline) => {
                let borders = inline.borders().collect();
                inline.join();
                borders
            }
            Body::Shared(bytes) => bytes.take_borders(),
        }
    }

    /// A part of it as one frame, which shares the memory where that is worth it.
    fn part(&self, range: Range<usize>) -> Self {
        match &self.0 {
            Body::Shared(bytes) if range.len() > INLINE => Self(Body::Shared(bytes.part(range))),
            _ => self.get(range).unwrap_or_default().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn is_in_place(message: &Message) -> bool {
        matches!(message.0, Body::Inline(_))
    }

    #[test]
    fn up_to_eight_frames_of_64_bytes_together_are_kept_in_place() {
        let frames = |count, length| Message::from_frames(vec![vec![7; length]; count]);
        for (message, in_place) in [
            (frames(1, 64), true),
            (frames(2, 32), true),
            (frames(8, 8), true),
            (frames(8, 0), true),
            (frames(9, 0), false),
            (frames(9, 1), false),
            (frames(5, 13), false),
        ] {
            assert_eq!(is_in_place(&message), in_place, "{message:?}");
        }
    }

    #[test]
    fn a_frame_may_be_empty_wherever_it_stands() {
        for frames in [&["", "a", ""][..], &["", ""], &["a", "", "", "b"]] {
            let message = Message::from_frames(frames);
            let texts: Vec<&[u8]> = message.frames().collect();
            assert_eq!(texts, frames.iter().map(|frame| frame.as_bytes()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn bytes_and_text_are_compared_without_borders_and_messages_with_them() {
        let (one, two) = (Message::from("abcd"), Message::from_frames(["ab", "cd"]));
        assert_eq!(two, "abcd");
        assert_eq!(two, b"abcd");
        assert_eq!(two, b"abcd"[..]);
        assert_eq!(two, "abcd".to_owned());
        assert_eq!(two, vec![b'a', b'b', b'c', b'd']);
        assert_eq!(two, Bytes::from_static(b"abcd"));
        assert_ne!(two, one);
        assert_ne!(two, Message::from_frames(["abc", "d"]));
        assert_eq!(two, &Message::from_frames(["ab", "cd"]));
    }

    #[test]
    fn a_frame_of_a_long_message_shares_its_memory() {
        let message = Message::from_frames([vec![1; 100], vec![2; 200]]);
        let second = message[100..].as_ptr();
        let frames: Vec<Message> = message.into_frames().collect();
        assert_eq!(frames[1].as_ptr(), second);
    }

    #[test]
    fn a_clone_keeps_its_frames_when_the_other_changes() {
        let message = Message::from_frames(vec![[7; 10]; 10]);
        let (mut joined, mut shortened) = (message.clone(), message.clone());
        joined.join_frames();
        shortened.advance(95);
        assert_eq!((joined.frame_count(), shortened.frame_count(), message.frame_count()), (1, 1, 10));
    }

    #[test]
    fn it_shows_how_many_frames_there_are() {
        assert!(format!("{:?}", Message::from_frames(["ab", "cd"])).contains("2 frames"));
        assert!(!format!("{:?}", Message::from("abcd")).contains("frame"));
    }

    /// Frames of which some messages fit in place and some do not.
    fn some_frames() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop_oneof![vec(vec(any::<u8>(), 0..9), 1..10), vec(vec(any::<u8>(), 0..90), 1..5)]
    }

    /// What is left of the frames when `bytes` go from the front.
    fn without_front(frames: &[Vec<u8>], mut count: usize) -> Vec<Vec<u8>> {
        let mut left = frames.to_vec();
        while count > left[0].len() {
            count -= left.remove(0).len();
        }
        left[0].drain(..count);
        left
    }

    proptest! {
        #[test]
        fn the_frames_are_those_it_was_made_of(frames in some_frames()) {
            let message = Message::from_frames(&frames);
            prop_assert_eq!(&message, &frames.concat());
            prop_assert_eq!(message.frame_count(), frames.len());
            prop_assert!(message.frames().eq(&frames));
            prop_assert!(message.frames().rev().eq(frames.iter().rev()));
            for (index, frame) in frames.iter().enumerate() {
                prop_assert_eq!(message.frame(index), Some(&frame[..]));
            }
            prop_assert_eq!(message.frame(frames.len()), None);
            prop_assert!(message.clone().into_frames().eq(frames.clone()));
            prop_assert!(message.clone().into_frames().all(|frame| frame.frame_count() == 1));
        }

        #[test]
        fn frames_that_are_appended_one_by_one_make_the_same_message(frames in some_frames()) {
            let mut message = Message::from(&frames[0]);
            frames[1..].iter().for_each(|frame| message.push_frame(frame));
            prop_assert_eq!(message, Message::from_frames(&frames));
        }

        #[test]
        fn what_goes_from_the_front_takes_the_borders_in_it_along(
            (frames, counts) in some_frames().prop_flat_map(|frames| {
                let length = frames.concat().len();
                (Just(frames), vec(0..=length / 3, 1..3))
            }),
        ) {
            let (mut message, mut left) = (Message::from_frames(&frames), frames);
            for count in counts {
                message.advance(count);
                left = without_front(&left, count);
                prop_assert_eq!(&message, &Message::from_frames(&left));
                prop_assert!(message.frames().eq(&left));
            }
        }

        #[test]
        fn messages_are_equal_when_their_frames_are(some in some_frames(), others in some_frames()) {
            let message = Message::from_frames(&some);
            prop_assert_eq!(&message, &Message::from_frames(&some));
            prop_assert_eq!(message == Message::from_frames(&others), some == others);
            let mut joined = message.clone();
            joined.join_frames();
            prop_assert_eq!(&joined, &Message::from(some.concat()));
            prop_assert_eq!(joined == message, some.len() == 1);
        }
    }
}
