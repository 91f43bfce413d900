use std::collections::VecDeque;
use std::io::IoSlice;
use std::{iter, mem};

use hubless_transport::Message;
use smallvec::SmallVec;

use super::{Framing, IN_BAND, type_octets};

/// The octets of the length.
const LENGTH: usize = 8;

/// Where a chunk ends and the next begins, so that the memory of what was written is reused although the queue is
/// never empty.
const CHUNK: usize = 64 * 1024;

/// The most octets offered to one write.
const OFFERED: usize = 60_000;

/// The most slices offered to one write.
const SLICES: usize = 16;

/// The messages that wait to be written to one pipe, encoded. Small bodies stand one after the other in chunks, each
/// behind its prefix; large ones are kept as they came.
#[derive(Debug)]
pub struct Frames {
    type_octets: usize,
    /// Bodies from this size on are not copied.
    large: usize,
    /// What stands in front of `open`, oldest first.
    closed: VecDeque<Segment>,
    /// The chunk that new frames go to.
    open: Vec<u8>,
    /// A cleared chunk for later.
    spare: Vec<u8>,
    /// How many octets of the first segment are written.
    written: usize,
    /// Where in the first segment the first frame begins that is not entirely written.
    frame: usize,
    octets: usize,
    messages: usize,
}

/// Whole frames; the last one's body may be apart.
#[derive(Debug)]
struct Segment {
    chunk: Vec<u8>,
    /// The body of the last frame of the chunk where that is large, else empty.
    tail: Message,
}

impl Segment {
    #[inline]
    fn len(&self) -> usize {
        self.chunk.len() + self.tail.len()
    }
}

impl Frames {
    /// An empty queue for a stream of this framing.
    pub fn new(framing: Framing) -> Self {
        let large = match framing {
            Framing::TypedLength => 16 * 1024,
            _ => 32 * 1024,
        };
        Self {
            type_octets: type_octets(framing),
            large,
            closed: VecDeque::new(),
            open: Vec::new(),
            spare: Vec::new(),
            written: 0,
            frame: 0,
            octets: 0,
            messages: 0,
        }
    }

    /// How many octets each message takes in addition to its own.
    #[inline]
    pub const fn prefix(framing: Framing) -> usize {
        type_octets(framing) + LENGTH
    }

    /// Appends a message. A small body is copied, a large one taken.
    #[inline]
    pub fn push(&mut self, header: &[u8], body: &mut Message) {
        if body.len() < self.large {
            self.append(header, body);
        } else {
            self.append_large(header, mem::take(body));
        }
    }

    /// Appends a message that goes to others as well. A small body is copied, a large one shared.
    #[inline]
    pub fn push_shared(&mut self, header: &[u8], body: &Message) {
        if body.len() < self.large {
            self.append(header, body);
        } else {
            self.append_large(header, body.clone());
        }
    }

    /// How many octets are still to be written, prefixes included.
    #[inline]
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// How many messages have octets to be written.
    #[inline]
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// Whether everything was written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.octets == 0
    }

    /// Adds the front of the queue to `into`: what one write call is worth.
    #[inline]
    pub fn slices<'a>(&'a self, into: &mut SmallVec<[IoSlice<'a>; SLICES]>) {
        let closed = self.closed.iter().flat_map(|segment| [&segment.chunk[..], &segment.tail[..]]);
        let mut room = OFFERED;
        let mut skipped = self.written;
        for part in closed.chain(iter::once(&self.open[..])) {
            let Some(part) = part.get(skipped..) else {
                skipped -= part.len();
                continue;
            };
            skipped = 0;
            let part = &part[..part.len().min(room)];
            if !part.is_empty() {
                into.push(IoSlice::new(part));
                room -= part.len();
            }
            if room == 0 || into.len() >= SLICES {
                return;
            }
        }
    }

    /// The next `written` octets were written. Returns how many messages had their last octet among them.
    #[inline]
    pub fn advance(&mut self, written: usize) -> usize {
        if written < self.octets {
            return self.advance_within(written);
        }
        let done = self.messages;
        self.clear();
        done
    }

    /// Whether the first message was written in part.
    #[inline]
    pub fn is_cut(&self) -> bool {
        self.written > self.frame
    }

    /// Empties the queue and returns the messages whose last octet was not written, oldest first, with header and
    /// body joined. A message written in part is among them: the peer discards a half message (sp.md section 4.1).
    pub fn recover(&mut self) -> Vec<Message> {
        let mut recovered = Vec::with_capacity(self.messages);
        let mut frame = self.frame;
        let open = Segment { chunk: mem::take(&mut self.open), tail: Message::new() };
        for segment in mem::take(&mut self.closed).into_iter().chain(iter::once(open)) {
            let Segment { chunk, mut tail } = segment;
            while frame < chunk.len() {
                let payload = frame + self.type_octets + LENGTH;
                let end = self.frame_end(&chunk, frame);
                recovered.push(match chunk.get(payload..end) {
                    Some(payload) => payload.into(),
                    None => joined(&chunk[payload..], mem::take(&mut tail)),
                });
                frame = end;
            }
            frame = 0;
        }
        self.clear();
        recovered
    }

    /// Takes out the messages of which nothing was written, as [`recover`](Self::recover) does. One written in part stays.
    #[inline]
    pub fn withdraw(&mut self) -> Vec<Message> {
        let begun = self.written - self.frame;
        let mut messages = self.recover();
        if begun > 0 {
            self.push(&[], &mut messages.remove(0));
            self.advance(begun);
        }
        messages
    }

    /// Gives memory back where the queue is empty: keeps chunks of at most `keep` octets.
    #[inline]
    pub fn recycle(&mut self, keep: usize) {
        if !self.is_empty() {
            return;
        }
        if self.open.capacity() + self.spare.capacity() > keep {
            self.spare = Vec::new();
            self.open.shrink_to(keep);
            self.closed.shrink_to(0);
        }
    }

    #[inline]
    fn append(&mut self, header: &[u8], body: &Message) {
        if self.open.len() >= CHUNK {
            self.close_chunk(Message::new());
        }
        self.begin_frame(header, header.len() + body.len());
        body.append_to(&mut self.open);
    }

    #[cold]
    fn append_large(&mut self, header: &[u8], body: Message) {
        self.begin_frame(header, header.len() + body.len());
        self.close_chunk(body);
    }

    /// Appends prefix and header, and counts the frame.
    #[inline]
    fn begin_frame(&mut self, header: &[u8], payload: usize) {
        if self.type_octets > 0 {
            self.open.push(IN_BAND);
        }
        self.open.extend_from_slice(&(payload as u64).to_be_bytes());
        self.open.extend_from_slice(header);
        self.octets += self.type_octets + LENGTH + payload;
        self.messages += 1;
    }

    #[cold]
    fn close_chunk(&mut self, tail: Message) {
        let chunk = mem::replace(&mut self.open, mem::take(&mut self.spare));
        self.closed.push_back(Segment { chunk, tail });
    }

    /// `advance` where something remains: walks the frames as far as they are written.
    fn advance_within(&mut self, written: usize) -> usize {
        self.octets -= written;
        self.written += written;
        let mut done = 0;
        loop {
            let (chunk, length) = match self.closed.front() {
                Some(segment) => (&segment.chunk, segment.len()),
                None => (&self.open, self.open.len()),
            };
            while self.frame < length {
                let end = self.frame_end(chunk, self.frame);
                if end > self.written {
                    break;
                }
                self.frame = end;
                done += 1;
            }
            if self.written < length {
                break;
            }
            let Some(segment) = self.closed.pop_front() else { break };
            self.written -= length;
            self.frame = 0;
            self.reuse(segment.chunk);
        }
        self.messages -= done;
        done
    }

    /// Where in its segment the frame ends that begins at `at`.
    #[inline]
    fn frame_end(&self, chunk: &[u8], at: usize) -> usize {
        let length = at + self.type_octets;
        let payload =
            chunk.get(length..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_be_bytes);
        usize::try_from(payload).unwrap_or(usize::MAX).saturating_add(length + LENGTH)
    }

    #[inline]
    fn clear(&mut self) {
        if let Some(segment) = self.closed.pop_front() {
            self.reuse(segment.chunk);
            self.closed.clear();
        }
        self.open.clear();
        self.written = 0;
        self.frame = 0;
        self.octets = 0;
        self.messages = 0;
    }

    /// Keeps the memory of a written chunk for the next ones.
    #[cold]
    fn reuse(&mut self, mut chunk: Vec<u8>) {
        chunk.clear();
        if self.open.capacity() == 0 {
            self.open = chunk;
        } else if chunk.capacity() > self.spare.capacity() {
            self.spare = chunk;
        }
    }
}

/// What stands in a chunk and the body kept apart, as one message.
#[inline]
fn joined(header: &[u8], body: Message) -> Message {
    if header.is_empty() { body } else { [header, &body].concat().into() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Body, Decoder};

    /// What one write call would be offered.
    fn offered(frames: &Frames) -> Vec<u8> {
        let mut slices = SmallVec::new();
        frames.slices(&mut slices);
        assert!(slices.len() <= SLICES && slices.iter().all(|slice| !slice.is_empty()));
        slices.iter().flat_map(|slice| slice.iter().copied()).collect()
    }

    /// Everything there is, written in steps of these sizes.
    fn written(frames: &mut Frames, sizes: &[usize]) -> Vec<u8> {
        let mut stream = Vec::new();
        for size in sizes.iter().cycle() {
            let offered = offered(frames);
            if offered.is_empty() {
                break;
            }
            let size = offered.len().min(*size);
            stream.extend_from_slice(&offered[..size]);
            frames.advance(size);
        }
        assert!(frames.is_empty() && frames.messages() == 0);
        stream
    }

    #[test]
    fn the_captured_messages_are_written() {
        let mut frames = Frames::new(Framing::Length);
        frames.push(b"\xd2\x67\x36\xa0", &mut "ping?".into());
        frames.push_shared(b"", &"wx.rain".into());
        frames.push(b"\x4d\x4d\xca\xfc\x66\x53\x63\xa1\xd6\xd5\x3e\xfc", &mut "World".into());
        let request = b"\0\0\0\0\0\0\0\x09\xd2\x67\x36\xa0ping?";
        let publication = b"\0\0\0\0\0\0\0\x07wx.rain";
        let reply = b"\0\0\0\0\0\0\0\x11\x4d\x4d\xca\xfc\x66\x53\x63\xa1\xd6\xd5\x3e\xfcWorld";
        assert_eq!(offered(&frames), [&request[..], publication, reply].concat());

        let mut frames = Frames::new(Framing::TypedLength);
        frames.push(b"\xa7\x10\x61\x37", &mut "pong!".into());
        assert_eq!(offered(&frames), b"\x01\0\0\0\0\0\0\0\x09\xa7\x10\x61\x37pong!");
    }

    #[test]
    fn a_large_body_is_not_copied() {
        for (framing, large) in [(Framing::Length, 32 * 1024), (Framing::TypedLength, 16 * 1024)] {
            let body = Message::from(vec![7; large]);
            let mut frames = Frames::new(framing);
            frames.push_shared(b"head", &body);
            frames.push(b"", &mut Message::from(vec![7; large - 1]));
            let mut slices = SmallVec::new();
            frames.slices(&mut slices);
            assert_eq!(slices.len(), 3);
            assert!(std::ptr::eq(slices[1].as_ptr(), body.as_ptr()));
        }
    }

    #[test]
    fn one_write_is_offered_a_bounded_part() {
        let mut frames = Frames::new(Framing::Length);
        frames.push(b"", &mut vec![7; 1_000_000].into());
        assert_eq!(offered(&frames).len(), OFFERED);
        frames.advance(1_000_000);
        assert_eq!(offered(&frames).len(), 8);
    }

    #[test]
    fn a_message_counts_as_written_with_its_last_octet() {
        let mut frames = Frames::new(Framing::Length);
        for body in ["ab", "", "cd"] {
            frames.push(b"", &mut body.into());
        }
        assert_eq!((frames.messages(), frames.octets()), (3, 28));
        let done = [9, 1, 7, 1, 1].map(|written| frames.advance(written));
        assert_eq!(done, [0, 1, 0, 1, 0]);
        assert_eq!((frames.messages(), frames.octets()), (1, 9));
        assert_eq!(frames.advance(9), 1);
        assert!(frames.is_empty());
    }

    #[test]
    fn a_message_written_in_part_is_recovered_whole() {
        let mut frames = Frames::new(Framing::TypedLength);
        let large = vec![7; 100_000];
        frames.push(b"head", &mut "first".into());
        frames.push(b"head", &mut large.clone().into());
        frames.push(b"", &mut large.clone().into());
        frames.push(b"", &mut "last".into());
        frames.advance(9 + 9 + 50_000);
        let recovered = frames.recover();
        assert_eq!(recovered, [[b"head", &large[..]].concat(), large, b"last".to_vec()]);
        assert!(frames.is_empty() && frames.recover().is_empty());
        frames.push(b"", &mut "later".into());
        assert_eq!(offered(&frames), b"\x01\0\0\0\0\0\0\0\x05later");
    }

    #[test]
    fn what_is_withdrawn_is_not_written_and_what_was_begun_is_finished() {
        let large = vec![7; 100_000];
        for first in [b"first".to_vec(), large.clone()] {
            let mut frames = Frames::new(Framing::TypedLength);
            for body in [first.clone(), b"second".to_vec(), large.clone()] {
                frames.push(b"head", &mut body.into());
            }
            let begun = offered(&frames)[..11].to_vec();
            frames.advance(11);
            assert_eq!(frames.withdraw(), [b"headsecond".to_vec(), [b"head", &large[..]].concat()]);
            assert_eq!(frames.withdraw(), Vec::<Message>::new());
            frames.push(b"", &mut "later".into());
            let stream = [begun, written(&mut frames, &[7])].concat();
            let (mut decoder, mut input) = (Decoder::new(Framing::TypedLength, u64::MAX), &stream[..]);
            let mut next =
                || decoder.next(&mut input, |_| Vec::new()).map(|body| body.map(Body::into_message));
            assert_eq!(next(), Ok(Some([b"head", &first[..]].concat().into())));
            assert_eq!(next(), Ok(Some("later".into())));
            assert!(input.is_empty());
        }
    }

    #[test]
    fn memory_is_reused_although_the_queue_is_never_empty() {
        let mut frames = Frames::new(Framing::Length);
        for _ in 0..10_000 {
            frames.push(b"", &mut Message::from(&[7; 992]));
            if frames.octets() > 10_000 {
                frames.advance(1000);
            }
        }
        let kept: usize = frames.closed.iter().map(|segment| segment.chunk.capacity()).sum();
        assert!(kept + frames.open.capacity() + frames.spare.capacity() <= 6 * CHUNK);
    }

    #[test]
    fn an_empty_queue_keeps_no_more_memory_than_asked() {
        let mut frames = Frames::new(Framing::Length);
        (0..200).for_each(|_| frames.push(b"", &mut Message::from(&[7; 1000])));
        frames.recycle(4096);
        assert_eq!(frames.messages(), 200);
        frames.advance(frames.octets());
        frames.recycle(4096);
        assert!(frames.open.capacity() + frames.spare.capacity() <= 4096);
    }

    #[derive(Debug, Clone)]
    struct Sample {
        header: Vec<u8>,
        body: Vec<u8>,
        shared: bool,
    }

    impl Sample {
        fn push(&self, frames: &mut Frames) {
            let mut body = Message::from(&self.body[..]);
            if self.shared {
                frames.push_shared(&self.header, &body);
            } else {
                frames.push(&self.header, &mut body);
            }
        }

        fn payload(&self) -> Vec<u8> {
            [&self.header[..], &self.body].concat()
        }
    }

    fn samples() -> impl Strategy<Value = Vec<Sample>> {
        let length = prop_oneof![6 => 0..200_usize, 2 => 16_000..33_000_usize, 1 => 33_000..150_000_usize];
        let body = (length, any::<u8>()).prop_map(|(length, octet)| vec![octet; length]);
        let sample = (vec(any::<u8>(), 0..20), body, any::<bool>());
        vec(sample.prop_map(|(header, body, shared)| Sample { header, body, shared }), 0..12)
    }

    fn framing() -> impl Strategy<Value = Framing> {
        prop_oneof![Just(Framing::Length), Just(Framing::TypedLength)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_is_written_is_what_is_read(
            framing in framing(),
            samples in samples(),
            sizes in vec(prop_oneof![1_000..2_000_usize, 1..100_000_usize], 1..10),
        ) {
            let mut frames = Frames::new(framing);
            for sample in &samples {
                sample.push(&mut frames);
            }
            let octets = frames.octets();
            let stream = written(&mut frames, &sizes);
            prop_assert_eq!(stream.len(), octets);
            let (mut decoder, mut input) = (Decoder::new(framing, u64::MAX), &stream[..]);
            for sample in &samples {
                let body = decoder.next(&mut input, |_| Vec::new()).map(|body| body.map(Body::into_message));
                prop_assert_eq!(body, Ok(Some(sample.payload().into())));
            }
            prop_assert!(input.is_empty());
        }

        #[test]
        fn written_and_recovered_messages_are_all_there_were(
            framing in framing(),
            samples in samples(),
            later in samples(),
            sizes in vec(0..60_000_usize, 0..10),
        ) {
            let mut frames = Frames::new(framing);
            for sample in &samples {
                sample.push(&mut frames);
            }
            let mut later_ones = later.iter();
            let (mut done, mut total) = (0, samples.len());
            for size in sizes {
                done += frames.advance(size.min(offered(&frames).len()));
                if let Some(sample) = later_ones.next() {
                    sample.push(&mut frames);
                    total += 1;
                }
                prop_assert_eq!(frames.messages(), total - done);
            }
            let payloads: Vec<_> = samples.iter().chain(&later).take(total).map(Sample::payload).collect();
            prop_assert_eq!(frames.recover(), &payloads[done..]);
        }
    }
}
