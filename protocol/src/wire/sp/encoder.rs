use std::collections::VecDeque;
use std::io::IoSlice;
use std::{iter, mem};

use hubless_transport::Message;
use smallvec::SmallVec;

use super::{Framing, IN_BAND, type_bytes};
use crate::wire::codec::SLICES;

/// The bytes of the length.
const LENGTH: usize = 8;

/// Where a chunk ends and the next begins, so that the memory of what was written is reused although the queue is
/// never empty.
const CHUNK: usize = 64 * 1024;

/// The most bytes offered to one write.
const OFFERED: usize = 60_000;

/// The messages that wait to be written to one pipe, encoded. Small bodies stand one after the other in chunks, each
/// behind its prefix; large ones are kept as they came.
#[derive(Debug)]
pub struct Encoder {
    type_bytes: usize,
    /// Bodies from this size on are not copied.
    large: usize,
    /// What stands in front of `open`, oldest first.
    closed: VecDeque<Segment>,
    /// The chunk that new frames go to.
    open: Vec<u8>,
    /// A cleared chunk for later.
    spare: Vec<u8>,
    /// How many bytes of the first segment are written.
    written: usize,
    /// Where in the first segment the first frame begins that is not entirely written.
    frame: usize,
    bytes: usize,
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

impl Encoder {
    /// An empty queue for a stream of this framing.
    pub fn new(framing: Framing) -> Self {
        let large = match framing {
            Framing::TypedLength => 16 * 1024,
            Framing::Length => 32 * 1024,
        };
        Self {
            type_bytes: type_bytes(framing),
            large,
            closed: VecDeque::new(),
            open: Vec::new(),
            spare: Vec::new(),
            written: 0,
            frame: 0,
            bytes: 0,
            messages: 0,
        }
    }

    /// How many bytes each message takes in addition to its own.
    #[inline]
    pub const fn prefix(framing: Framing) -> usize {
        type_bytes(framing) + LENGTH
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

    /// How many bytes are still to be written, prefixes included.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many messages have bytes to be written.
    #[inline]
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// Whether everything was written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
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

    /// The next `written` bytes were written. Returns how many messages had their last byte among them.
    #[inline]
    pub fn advance(&mut self, written: usize) -> usize {
        if written < self.bytes {
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

    /// Empties the queue and returns the messages whose last byte was not written, oldest first, with header and
    /// body joined. A message written in part is among them: the peer discards a half message (sp.md section 4.1).
    pub fn recover(&mut self) -> Vec<Message> {
        let mut recovered = Vec::with_capacity(self.messages);
        let mut frame = self.frame;
        let open = Segment { chunk: mem::take(&mut self.open), tail: Message::new() };
        for segment in mem::take(&mut self.closed).into_iter().chain(iter::once(open)) {
            let Segment { chunk, mut tail } = segment;
            while frame < chunk.len() {
                let payload = frame + self.type_bytes + LENGTH;
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

    /// Gives memory back where the queue is empty: keeps chunks of at most `keep` bytes.
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
        if self.type_bytes > 0 {
            self.open.push(IN_BAND);
        }
        self.open.extend_from_slice(&(payload as u64).to_be_bytes());
        self.open.extend_from_slice(header);
        self.bytes += self.type_bytes + LENGTH + payload;
        self.messages += 1;
    }

    #[cold]
    fn close_chunk(&mut self, tail: Message) {
        let chunk = mem::replace(&mut self.open, mem::take(&mut self.spare));
        self.closed.push_back(Segment { chunk, tail });
    }

    /// `advance` where something remains: walks the frames as far as they are written.
    fn advance_within(&mut self, written: usize) -> usize {
        self.bytes -= written;
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
        let length = at + self.type_bytes;
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
        self.bytes = 0;
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
mod tests;
