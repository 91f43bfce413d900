//! A descriptor that is readable while it is set: an eventfd where there is one, else a pipe.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};

#[cfg(not(any(target_os = "linux", target_os = "android")))]
use byte::Ends;
#[cfg(any(target_os = "linux", target_os = "android"))]
use counter::Ends;

/// What makes it readable: eight bytes, because an eventfd takes no fewer, and counts them as one.
const ONE: [u8; 8] = 1_u64.to_ne_bytes();

/// Readable while it is set. It is set and cleared by turns, so there is never more than one count to read.
#[derive(Debug)]
pub(crate) struct ReadinessFd(Ends);

impl ReadinessFd {
    pub(crate) fn new() -> io::Result<Self> {
        Ends::new().map(Self)
    }

    /// By another call where the system refuses the first, a filter of calls say: the event loop that waits for it is told by nothing else.
    pub(crate) fn set(&self) -> io::Result<()> {
        let again = |_| insist(|| rustix::io::writev(self.0.writing(), &[IoSlice::new(&ONE)]));
        insist(|| rustix::io::write(self.0.writing(), &ONE)).or_else(again)
    }

    pub(crate) fn clear(&self) -> io::Result<()> {
        let mut count = ONE;
        insist(|| rustix::io::read(self.0.reading(), &mut count))
    }
}

/// Attempts: the system may refuse one for no lasting reason, and an event loop waits for ever for a descriptor that was not set.
const ATTEMPTS: usize = 8;

fn insist(mut step: impl FnMut() -> rustix::io::Result<usize>) -> io::Result<()> {
    let mut outcome = step();
    for _ in 0..ATTEMPTS {
        if outcome.is_ok() {
            break;
        }
        outcome = step();
    }
    outcome.map(drop).map_err(Into::into)
}

impl AsFd for ReadinessFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.reading()
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod counter {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

    use rustix::event::{EventfdFlags, eventfd};

    #[derive(Debug)]
    pub(super) struct Ends(OwnedFd);

    impl Ends {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
        }

        pub(super) fn reading(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }

        pub(super) fn writing(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod byte {
    use std::io::{self, PipeReader, PipeWriter};
    use std::os::fd::{AsFd, BorrowedFd};

    #[derive(Debug)]
    pub(super) struct Ends(PipeReader, PipeWriter);

    impl Ends {
        pub(super) fn new() -> io::Result<Self> {
            let (reading, writing) = io::pipe()?;
            rustix::io::ioctl_fionbio(&reading, true)?;
            rustix::io::ioctl_fionbio(&writing, true)?;
            Ok(Self(reading, writing))
        }

        pub(super) fn reading(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }

        pub(super) fn writing(&self) -> BorrowedFd<'_> {
            self.1.as_fd()
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    fn is_readable(fd: &ReadinessFd) -> bool {
        let mut polled = [PollFd::new(fd, PollFlags::IN)];
        poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap();
        polled[0].revents().contains(PollFlags::IN)
    }

    #[test]
    fn it_is_readable_while_it_is_set() {
        let fd = ReadinessFd::new().unwrap();
        for _ in 0..3 {
            assert!(!is_readable(&fd));
            fd.set().unwrap();
            assert!(is_readable(&fd));
            fd.clear().unwrap();
        }
        assert!(!is_readable(&fd));
    }
}
