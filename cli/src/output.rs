//! Received messages on standard output.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::arguments::{Delimiter, Receiving, Separation};
use crate::clock::today;
use crate::exit::Outcome;
use crate::format::{Format, Shown};
use crate::timestamp::timestamp;

/// Prints messages in one way.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    format: Format,
    end: Vec<u8>,
    /// When each came.
    time: bool,
    /// Which of these it matched, the longest first.
    topics: Option<Vec<Vec<u8>>>,
    line: Vec<u8>,
}

impl Output {
    pub(crate) fn new(receiving: &Receiving, separation: &Separation) -> Self {
        let format = receiving.format;
        let end = match &separation.delimiter {
            Some(delimiter) => delimiter.bytes().to_vec(),
            None if format.has_lines() => Delimiter::newline().bytes().to_vec(),
            None => Vec::new(),
        };
        Self { format, end, time: receiving.time, topics: None, line: Vec::new() }
    }

    /// Prints with each message which of these it begins with: the longest.
    pub(crate) fn with_topics(mut self, topics: &[OsString]) -> Self {
        let mut topics: Vec<Vec<u8>> = topics.iter().map(|topic| topic.as_encoded_bytes().to_vec()).collect();
        topics.sort_by_key(|topic| std::cmp::Reverse(topic.len()));
        self.topics = Some(topics);
        self
    }

    /// Prints one message, and has it leave this program before it returns.
    pub(crate) fn print(&mut self, message: &[u8]) -> Result<(), Outcome> {
        let time = self.time.then(|| timestamp(today()));
        let topic = self.topics.as_ref().map(|topics| {
            let matched = topics.iter().find(|topic| message.starts_with(topic));
            matched.map_or(&[][..], Vec::as_slice)
        });
        self.line.clear();
        self.format.write(&Shown { message, time: time.as_deref(), topic }, &mut self.line);
        self.line.extend_from_slice(&self.end);
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.line).and_then(|()| stdout.flush()).map_err(|error| Outcome::of_output(&error))
    }
}

/// Waits for a message that another thread is printing now.
pub(crate) fn finish() {
    drop(io::stdout().lock());
}

/// Waits until the reader of standard output has left; `false` if that cannot be seen. Where it is no pipe, that never comes.
pub(crate) fn await_end_of_reader() -> bool {
    let stdout = io::stdout();
    loop {
        let mut watched = [PollFd::new(stdout.as_fd(), PollFlags::empty())];
        let seen = match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) => watched[0].revents().unwrap_or(PollFlags::empty()),
            Err(Errno::EINTR) => continue,
            Err(_) => return false,
        };
        if seen.contains(PollFlags::POLLNVAL) {
            return false;
        }
        if seen.intersects(PollFlags::POLLERR | PollFlags::POLLHUP) {
            return true;
        }
    }
}
