//! A socket's readiness as a descriptor, for event loops of others.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};

use super::core::Want;
use super::readiness::{Observable, ReadinessHandle};
use super::sys::logging::{Level, log_line};
use super::sys::readiness_fd::ReadinessFd;
use super::wait::readiness::ReadinessObserver;
use crate::error::Error;

/// A descriptor that is *readable* while a call on a socket is worth a try, to be watched by an event loop of your own: `poll`,
/// `epoll`, mio, tokio's `AsyncFd`. Made by `recv_ready()` and `send_ready()`.
///
/// It is nothing but a sign; never read from it or write to it. The protocol:
///
/// 1. Wait until it is readable.
/// 2. Call `try_recv` (or `try_send`) again and again until it answers [`Error::Empty`] (or [`Error::Full`]). That answer,
///    and nothing else, takes the sign back, before the call returns; whatever comes later puts it up again.
/// 3. Go to 1.
///
/// So no edge is lost: in an edge-triggered loop (mio, `AsyncFd`) each message that comes after `Empty` is a new edge. In a
/// level-triggered one you may as well stop earlier, and are woken again. It may be readable once in a while with nothing to
/// receive, because somebody else has; never the other way round. A closed socket is readable for ever: the call says why.
///
/// As long as it exists, the background thread of the context serves the socket all the time, and it costs at most one call of the
/// system for each change between something and nothing. Several can be made, each is by itself. Dropping it ends that; it
/// does not keep the socket open.
///
/// A socket's `recv_ready` is readable from the beginning if there is something; a `send_ready` is readable until a send was
/// refused, so watch it only then.
///
/// ```
/// use std::os::fd::AsFd;
/// use hubless::{Error, Pull, Push};
/// # fn wait_until_readable(descriptor: std::os::fd::BorrowedFd<'_>) {
/// #     let poll = rustix::event::PollFd::from_borrowed_fd(descriptor, rustix::event::PollFlags::IN);
/// #     rustix::io::retry_on_intr(|| rustix::event::poll(&mut [poll.clone()], None)).unwrap();
/// # }
///
/// let pull = Pull::new()?;
/// let at = pull.listen("inproc://ready-example")?;
/// let ready = pull.recv_ready()?;
/// let push = Push::new()?;
/// push.dial(at.address())?;
/// push.send("job 1")?;
///
/// wait_until_readable(ready.as_fd());
/// assert_eq!(pull.try_recv()?, "job 1");
/// assert!(matches!(pull.try_recv(), Err(Error::Empty)));
/// # Ok::<(), Error>(())
/// ```
pub struct Ready {
    fd: Arc<ReadinessFd>,
    _readiness: ReadinessHandle,
}

impl Ready {
    pub(crate) fn new(socket: Arc<dyn Observable>, want: Want) -> Result<Self, Error> {
        let refused = |cause| Error::System { what: "a descriptor for an event loop", cause };
        let fd = Arc::new(ReadinessFd::new().map_err(refused)?);
        let readiness = ReadinessHandle::new(socket, want, Box::new(Arc::clone(&fd)));
        Ok(Self { fd, _readiness: readiness })
    }
}

impl ReadinessObserver for Arc<ReadinessFd> {
    fn changed(&self, ready: bool) {
        let done = if ready { self.set() } else { self.clear() };
        if let Err(error) = done {
            log_line!(Level::Error, "the descriptor that shows a socket's readiness failed: {error}");
        }
    }
}

impl AsFd for Ready {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for Ready {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

/// Ask for readability, `Interest::READABLE`.
impl mio::event::Source for Ready {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).deregister(registry)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").field("descriptor", &self.as_raw_fd()).finish_non_exhaustive()
    }
}
