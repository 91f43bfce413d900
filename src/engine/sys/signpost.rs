//! A descriptor that is readable or not, as one likes: an eventfd where there is one, else a pipe.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};

#[cfg(any(target_os = "linux", target_os = "android"))]
use counter::Ends;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use octet::Ends;

/// What makes it readable: eight octets, because an eventfd takes no fewer, and counts them as one.
const SIGN: [u8; 8] = 1_u64.to_ne_bytes();

/// Readable while the sign is up. It is put up and taken back in turn, so there is never more than one to read.
#[derive(Debug)]
pub(crate) struct Signpost(Ends);

impl Signpost {
    pub(crate) fn new() -> io::Result<Self> {
        Ends::new().map(Self)
    }

    /// By another call where the system refuses the first, a filter of calls say: whoever waits for the sign hears of nothing else.
    pub(crate) fn put_up(&self) -> io::Result<()> {
        let again = |_| insist(|| rustix::io::writev(self.0.writing(), &[IoSlice::new(&SIGN)]));
        insist(|| rustix::io::write(self.0.writing(), &SIGN)).or_else(again)
    }

    pub(crate) fn take_back(&self) -> io::Result<()> {
        let mut sign = SIGN;
        insist(|| rustix::io::read(self.0.reading(), &mut sign))
    }
}

/// Attempts: the system may refuse one for no lasting reason, and a sign that is not put up is missed by whoever waits for it.
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

impl AsFd for Signpost {
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
mod octet {
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

    fn is_readable(signpost: &Signpost) -> bool {
        let mut polled = [PollFd::new(signpost, PollFlags::IN)];
        poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap();
        polled[0].revents().contains(PollFlags::IN)
    }

    #[test]
    fn it_is_readable_while_the_sign_is_up() {
        let signpost = Signpost::new().unwrap();
        for _ in 0..3 {
            assert!(!is_readable(&signpost));
            signpost.put_up().unwrap();
            assert!(is_readable(&signpost));
            signpost.take_back().unwrap();
        }
        assert!(!is_readable(&signpost));
    }
}
