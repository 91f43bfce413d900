//! What arrives on a connection, cut into messages of one size.

use std::io::Read;

use crate::Outcome;

/// A connection, and what has arrived on it of a message that is not whole.
pub(super) struct Inflow<R> {
    source: R,
    buffer: Vec<u8>,
    filled: usize,
    message: usize,
}

impl<R: Read> Inflow<R> {
    pub(super) fn new(source: R, buffer: usize, message: usize) -> Self {
        Self { source, buffer: vec![0; buffer], filled: 0, message }
    }

    /// Reads once, and hands over each message that is whole.
    pub(super) fn read(&mut self, note: impl FnMut(&[u8])) -> Outcome<()> {
        let read = self.source.read(&mut self.buffer[self.filled..])?;
        if read == 0 {
            return Err("the sender has gone".into());
        }
        let filled = self.filled + read;
        let mut messages = self.buffer[..filled].chunks_exact(self.message);
        messages.by_ref().for_each(note);
        self.filled = messages.remainder().len();
        self.buffer.copy_within(filled - self.filled..filled, 0);
        Ok(())
    }
}
