//! The read buffers of a context, for those that read at the moment.
//!
//! A buffer is needed for a turn of reading only, so hundreds of sockets that one thread looks at in turn need one, and that
//! stays in the processor's cache: with a buffer of its own for each, a subscriber among 512 spent most of its time on misses.

use std::io;

use super::sys::sync::Mutex;

/// Bytes of a read buffer: smaller ones are markedly slower.
pub(crate) const READ_BUFFER: usize = 256 * 1024;
/// Buffers that are kept while nobody reads.
const SPARE: usize = 4;

/// Buffers that nobody uses.
#[derive(Debug, Default)]
pub(crate) struct ReadBuffers(Mutex<Vec<Vec<u8>>>);

impl ReadBuffers {
    /// An empty buffer of full size: the one that was used last, if there is any.
    #[inline]
    pub(crate) fn take(&self) -> io::Result<Vec<u8>> {
        let spare = self.0.lock().pop();
        spare.map_or_else(Self::new_buffer, Ok)
    }

    #[cold]
    fn new_buffer() -> io::Result<Vec<u8>> {
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(READ_BUFFER).map_err(|_| io::ErrorKind::OutOfMemory)?;
        Ok(buffer)
    }

    /// Takes a buffer back.
    #[inline]
    pub(crate) fn put(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() < READ_BUFFER {
            return;
        }
        buffer.clear();
        let mut spare = self.0.lock();
        if spare.len() < SPARE {
            spare.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_that_was_used_last_is_used_next_and_is_empty() {
        let buffers = ReadBuffers::default();
        let (first, mut last) = (buffers.take().unwrap(), buffers.take().unwrap());
        last.extend_from_slice(b"read");
        let place = last.as_ptr();
        buffers.put(first);
        buffers.put(last);
        let next = buffers.take().unwrap();
        assert_eq!((next.as_ptr(), next.len()), (place, 0));
    }

    #[test]
    fn a_few_are_kept_and_none_that_is_small() {
        let buffers = ReadBuffers::default();
        buffers.put(Vec::with_capacity(READ_BUFFER - 1));
        assert_eq!(buffers.0.lock().len(), 0);
        (0..2 * SPARE).for_each(|_| buffers.put(Vec::with_capacity(READ_BUFFER)));
        assert_eq!(buffers.0.lock().len(), SPARE);
    }
}
