//! The messages that are sent.
//!
//! Each is made when it is sent, as a program would: one that fits into a [`Message`] in place there, a longer one in a
//! buffer of its own, filled from a template. For large ones filling would be most of what is measured, and the programs
//! that measure nanomsg, NNG and `ZeroMQ` allocate without filling. So their buffers are filled once and come back when the
//! last holder of the message has let go; only the number is written anew.

use std::sync::{Arc, Mutex, PoisonError};

use hubless::{Bytes, Message};

use super::layout::{LANE_SHIFT, NUMBER, byte};

/// From this size on buffers are used again.
const LARGE: usize = 4096;

/// Makes the messages of one lane, whose numbers follow one another.
#[derive(Debug)]
pub(super) struct Bodies {
    template: Vec<u8>,
    /// The template with the number that comes next. Written one message ahead, because to copy what was written just now
    /// is to wait until it has left the store buffer: a seventh of the time of a send.
    prepared: Vec<u8>,
    next: u64,
    lane: u64,
    buffers: Arc<Buffers>,
}

impl Bodies {
    pub(super) fn new(size: usize, lane: u16) -> Self {
        let template: Vec<u8> = (0..size).map(byte).collect();
        let (prepared, lane) = (template.clone(), u64::from(lane) << LANE_SHIFT);
        Self { template, prepared, next: u64::MAX, lane, buffers: Arc::default() }
    }

    /// The message with this number.
    #[inline]
    pub(super) fn message(&mut self, number: u64) -> Message {
        if self.template.len() < LARGE { self.small(number) } else { self.large(number) }
    }

    #[inline]
    fn small(&mut self, number: u64) -> Message {
        if self.next != number {
            stamp(&mut self.prepared, self.lane | number);
        }
        std::mem::swap(&mut self.template, &mut self.prepared);
        self.next = number + 1;
        stamp(&mut self.prepared, self.lane | self.next);
        self.template.as_slice().into()
    }

    fn large(&self, number: u64) -> Message {
        let mut bytes = self.buffers.take().unwrap_or_else(|| self.template.clone());
        stamp(&mut bytes, self.lane | number);
        Bytes::from_owner(Buffer { bytes, home: Arc::clone(&self.buffers) }).into()
    }
}

/// Writes as much of the number as fits.
#[inline]
fn stamp(body: &mut [u8], number: u64) {
    let bytes = number.to_le_bytes();
    if let Some(head) = body.first_chunk_mut::<NUMBER>() {
        *head = bytes;
    } else {
        let fits = body.len();
        body.copy_from_slice(&bytes[..fits]);
    }
}

/// Buffers that are free. As many as were under way at once: the queues of the socket bound them.
#[derive(Debug, Default)]
struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// The one that was used last, which the processor's caches still know.
    fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// A buffer that goes home when its message is gone.
struct Buffer {
    bytes: Vec<u8>,
    home: Arc<Buffers>,
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.home.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_begins_with_its_number_as_far_as_it_fits() {
        assert_eq!(Bodies::new(0, 0).message(7), []);
        assert_eq!(Bodies::new(2, 0).message(0x0003_0201), [1, 2]);
        assert_eq!(Bodies::new(8, 0).message(0x0003_0201), [1, 2, 3, 0, 0, 0, 0, 0]);
        assert_eq!(Bodies::new(10, 0x0605).message(1), [1, 0, 0, 0, 0, 0, 5, 6, 8, 9]);
    }

    #[test]
    fn a_large_buffer_is_used_again_when_its_message_is_gone() {
        let mut bodies = Bodies::new(LARGE, 0);
        let (first, second) = (bodies.message(1), bodies.message(2));
        let place = first.as_ptr();
        assert_ne!(place, second.as_ptr());
        assert_eq!((first[0], second[0]), (1, 2));
        drop(first);
        let third = bodies.message(3);
        assert_eq!((third.as_ptr(), third[0], third[LARGE - 1]), (place, 3, byte(LARGE - 1)));
    }
}
