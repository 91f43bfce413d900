//! Received messages on standard output.

use std::io::{self, Write};

use crate::exit::Outcome;
use crate::format::Format;

/// Prints messages in one format.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    line: Vec<u8>,
}

impl Output {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, line: Vec::new() }
    }

    /// Prints one message, and has it leave this program before it returns.
    pub(crate) fn print(&mut self, message: &[u8]) -> Result<(), Outcome> {
        self.line.clear();
        self.format.write(message, &mut self.line);
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.line).and_then(|()| stdout.flush()).map_err(|error| Outcome::of_output(&error))
    }
}

/// Waits for a message that another thread is printing now.
pub(crate) fn finish() {
    drop(io::stdout().lock());
}
