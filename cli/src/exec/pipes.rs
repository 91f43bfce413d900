//! The standard input and output of a command, both served at once, so that neither end waits for the other.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::Failure;
use super::running::Child;

/// How much is read in one go.
const PIECE: usize = 16 << 10;

/// Both pipes, and what went through them.
pub(super) struct Pipes<'a> {
    /// Until everything is written, or the command reads no more.
    input: Option<ChildStdin>,
    unwritten: &'a [u8],
    /// Until its end.
    output: Option<ChildStdout>,
    read: Vec<u8>,
}

impl<'a> Pipes<'a> {
    pub(super) fn of(child: &mut Child, request: &'a [u8]) -> io::Result<Self> {
        let (input, output) = child.pipes();
        input.as_ref().map_or(Ok(()), unblock)?;
        output.as_ref().map_or(Ok(()), unblock)?;
        Ok(Self { input, unwritten: request, output, read: Vec::new() })
    }

    /// Whether there is something left to write or to read.
    pub(super) fn is_open(&self) -> bool {
        self.output.is_some() || self.input.is_some()
    }

    pub(super) fn into_output(self) -> Vec<u8> {
        self.read
    }

    /// Writes and reads what can be, and waits for that at most this long. Whether something came or a pipe has ended.
    pub(super) fn step(&mut self, at_most: Duration, most_bytes: u64) -> Result<bool, Failure> {
        let state = |pipes: &Self| (pipes.read.len(), pipes.output.is_some(), pipes.input.is_some());
        let before = state(self);
        self.wait(at_most).map_err(Failure::Talk)?;
        self.write().map_err(Failure::Talk)?;
        self.read(most_bytes).map_err(Failure::Talk)?;
        if self.read.len() as u64 > most_bytes {
            return Err(Failure::TooLarge(most_bytes));
        }
        Ok(state(self) != before)
    }

    fn wait(&self, at_most: Duration) -> io::Result<()> {
        let mut awaited = Vec::with_capacity(2);
        awaited.extend(self.output.as_ref().map(|output| PollFd::new(output.as_fd(), PollFlags::POLLIN)));
        awaited.extend(self.input.as_ref().map(|input| PollFd::new(input.as_fd(), PollFlags::POLLOUT)));
        let millis = at_most.as_nanos().div_ceil(1_000_000);
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
        match poll(&mut awaited, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A command need not read what it was asked.
    fn write(&mut self) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        while !self.unwritten.is_empty() {
            match input.write(self.unwritten) {
                Ok(written) => self.unwritten = &self.unwritten[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
                Err(error) => return Err(error),
            }
        }
        self.input = None;
        Ok(())
    }

    /// Reads what is there, and no more than one piece over the limit.
    fn read(&mut self, most_bytes: u64) -> io::Result<()> {
        let Some(output) = &mut self.output else { return Ok(()) };
        let mut piece = [0; PIECE];
        while self.read.len() as u64 <= most_bytes {
            match output.read(&mut piece) {
                Ok(0) => {
                    self.output = None;
                    return Ok(());
                }
                Ok(count) => self.read.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Has reads and writes return at once. The command has an end of its own, which stays as it was.
fn unblock(pipe: &impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(pipe, FcntlArg::F_GETFL)?);
    fcntl(pipe, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}
