//! What a sender sends: bodies that begin with their number.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::rhythm::Rhythm;
use crate::system::{clock, cpu};

/// Bodies above this are made before, and shared where a library can share them, so that nobody is measured by how fast
/// octets are filled in.
const WRITTEN: usize = 4096;
/// What all shared bodies take together: little enough to stay in a cache, as a single one would.
const SHARED: usize = 1 << 20;
/// Where a body carries the start of its burst.
const START: usize = 8;

/// A stream of messages.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Stream {
    /// Octets of a body.
    pub size: usize,
    /// Messages before anything is measured.
    pub warm: u64,
    /// Messages that are measured.
    pub count: u64,
    /// When they are sent.
    pub rhythm: Rhythm,
    /// Who gets them, where there are several receivers.
    pub reach: Reach,
}

/// Who gets a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Every receiver: it is published.
    #[default]
    All,
    /// One of them: it is pushed.
    One,
}

impl Stream {
    pub fn new(size: usize, count: u64) -> Self {
        let (rhythm, reach) = (Rhythm::Steady, Reach::All);
        Self { size, warm: (count / 20).min(20_000), count, rhythm, reach }
    }

    pub fn with_rhythm(self, rhythm: Rhythm) -> Self {
        Self { rhythm, ..self }
    }

    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The number after the last.
    pub(super) fn end(self) -> u64 {
        self.warm + self.count
    }

    /// How many different bodies there are, where they are made before.
    fn shared(self) -> Option<usize> {
        (self.size > WRITTEN).then(|| (SHARED / self.size).clamp(2, 8))
    }

    /// Which bits of its number a body carries.
    pub(super) fn mask(self) -> u64 {
        self.shared().map_or(u64::MAX, |different| different as u64 - 1)
    }
}

/// One body.
#[derive(Debug)]
pub enum Letter<'a> {
    /// To be copied into a message.
    Written(&'a [u8]),
    /// To be shared; a library that cannot makes a message of this size and writes the number alone.
    Shared { body: &'a Bytes, number: u64 },
}

/// The bodies of one sender, one after the other.
#[derive(Debug)]
pub struct Letters {
    next: u64,
    mark: u64,
    end: u64,
    written: Vec<u8>,
    shared: Vec<Bytes>,
    spent_at_mark: Duration,
    marked: u64,
    rhythm: Rhythm,
    reach: Reach,
}

impl Letters {
    pub fn new(stream: Stream) -> Self {
        let body = vec![b'v'; stream.size];
        let number = |number: usize| {
            let mut body = body.clone();
            write_number(&mut body, number as u64);
            Bytes::from(body)
        };
        let shared = (0..stream.shared().unwrap_or(0)).map(number).collect();
        Self {
            next: 0,
            mark: stream.warm,
            end: stream.end(),
            written: body,
            shared,
            spent_at_mark: Duration::ZERO,
            marked: 0,
            rhythm: stream.rhythm,
            reach: stream.reach,
        }
    }

    #[inline]
    pub fn wanted(&self) -> bool {
        self.next < self.end
    }

    /// The next body.
    #[allow(clippy::should_implement_trait, reason = "it lends")]
    #[inline]
    pub fn next(&mut self) -> Option<Letter<'_>> {
        let number = self.next;
        if number >= self.end {
            return None;
        }
        self.next += 1;
        if self.rhythm != Rhythm::Steady {
            self.keep_time(number);
        }
        if number == self.mark {
            (self.spent_at_mark, self.marked) = (cpu::spent(), clock::nanoseconds());
        }
        if self.shared.is_empty() {
            write_number(&mut self.written, number);
            return Some(Letter::Written(&self.written));
        }
        let place = usize::try_from(number).unwrap_or_default() & (self.shared.len() - 1);
        Some(Letter::Shared { body: &self.shared[place], number })
    }

    /// Each message of a burst carries when the burst began.
    fn keep_time(&mut self, number: u64) {
        if self.rhythm.wait(number) {
            write_start(&mut self.written, clock::nanoseconds());
        }
    }

    /// Whether nothing comes for a while after what was sent, so that it must leave.
    #[inline]
    pub fn pauses(&self) -> bool {
        let burst = self.rhythm.burst();
        burst > 0 && self.next.is_multiple_of(burst)
    }

    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The next body where every one is written.
    #[inline]
    pub(super) fn next_written(&mut self) -> Option<&[u8]> {
        match self.next()? {
            Letter::Written(octets) => Some(octets),
            Letter::Shared { body, .. } => Some(body),
        }
    }

    /// Octets of a body.
    pub fn size(&self) -> usize {
        self.written.len()
    }

    /// When the warm-up was over, by the clock of the machine.
    pub(super) fn marked(&self) -> u64 {
        self.marked
    }

    /// What the process has used since the warm-up.
    pub fn spent(&self) -> Duration {
        cpu::spent().saturating_sub(self.spent_at_mark)
    }
}

impl Letter<'_> {
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Written(octets) => octets,
            Self::Shared { body, .. } => body,
        }
    }
}

/// The number at the head of a body.
#[inline]
pub fn write_number(body: &mut [u8], number: u64) {
    if let Some(head) = body.first_chunk_mut() {
        *head = number.to_le_bytes();
    }
}

/// The number at the head of a body, if it has one.
#[inline]
pub fn number_of(body: &[u8]) -> Option<u64> {
    body.first_chunk().map(|head| u64::from_le_bytes(*head))
}

/// When the burst began, behind the number.
fn write_start(body: &mut [u8], nanoseconds: u64) {
    write_number(body.get_mut(START..).unwrap_or_default(), nanoseconds);
}

/// The same at the receiver.
pub(super) fn start_of(body: &[u8]) -> Option<u64> {
    number_of(body.get(START..)?)
}
