//! What a sender sends: bodies that begin with their number.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::system::{clock, cpu};

/// Bodies above this are made before, and shared where a library can share them, so that nobody is measured by how fast
/// octets are filled in.
const WRITTEN: usize = 4096;
/// What all shared bodies take together: little enough to stay in a cache, as a single one would.
const SHARED: usize = 1 << 20;

/// A stream of messages.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Stream {
    /// Octets of a body.
    pub size: usize,
    /// Messages before anything is measured.
    pub warm: u64,
    /// Messages that are measured.
    pub count: u64,
}

impl Stream {
    pub fn new(size: usize, count: u64) -> Self {
        Self { size, warm: (count / 20).min(20_000), count }
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
        let (mark, end) = (stream.warm, stream.end());
        Self { next: 0, mark, end, written: body, shared, spent_at_mark: Duration::ZERO, marked: 0 }
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

    /// The same where every body is written.
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
