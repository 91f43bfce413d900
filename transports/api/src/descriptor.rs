//! Reading and writing a socket by its descriptor, for transports whose streams are plain kernel sockets.

use std::io::{self, IoSlice};
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{SendAncillaryBuffer, SendFlags};

/// The most slices that every system takes in one call.
const MOST_SLICES: usize = 1024;

/// Never raises SIGPIPE. Where the flag does not exist the socket itself must have been told so.
#[cfg(not(target_vendor = "apple"))]
const FLAGS: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const FLAGS: SendFlags = SendFlags::empty();

/// Does what [`Stream::read`](crate::Stream::read) asks for: appends what is there to the spare capacity of `into`,
/// without zeroing it first. Descriptors that the peer passes along are discarded by the system.
///
/// # Errors
/// `WouldBlock`, or why the connection broke.
pub fn read(socket: impl AsFd, into: &mut Vec<u8>) -> io::Result<usize> {
    debug_assert!(into.len() < into.capacity(), "a read into nothing would look like the end");
    let socket = socket.as_fd();
    loop {
        match rustix::io::read(socket, spare_capacity(into)) {
            Err(Errno::INTR) => {}
            outcome => return Ok(outcome?),
        }
    }
}

/// Does what [`Stream::write`](crate::Stream::write) asks for: writes a prefix of `slices` and returns its length.
///
/// # Errors
/// `WouldBlock`, or why the connection broke.
pub fn write(socket: impl AsFd, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let slices = &slices[..slices.len().min(MOST_SLICES)];
    let socket = socket.as_fd();
    if let [slice] = slices {
        // A lone message, mostly: the system has no list of slices to read first.
        return Ok(retry_on_intr(|| rustix::net::send(socket, slice, FLAGS))?);
    }
    Ok(retry_on_intr(|| rustix::net::sendmsg(socket, slices, &mut SendAncillaryBuffer::default(), FLAGS))?)
}

/// Descriptors that are marked: a bit each. What lies beyond a million is not marked; the usual hard limit is there.
static MARKS: [AtomicU64; 1 << 14] = [const { AtomicU64::new(0) }; 1 << 14];
/// Words of it that have been used.
static USED: AtomicUsize = AtomicUsize::new(0);

/// A socket, or a file whose lock matters, that the child of a fork is not to keep: there the engine puts `/dev/null` in its place,
/// or the peer of a process that has died would not notice as long as a child of it lives. Wrap what your transport opens, as
/// early as you can; it reads as what it wraps.
#[derive(Debug)]
pub struct Unshared<T: AsRawFd> {
    // Before what it marks: once that is closed, its number may be somebody else's.
    _mark: Mark,
    inner: T,
}

impl<T: AsRawFd> Unshared<T> {
    /// Marks the descriptor as long as this lives.
    pub fn new(inner: T) -> Self {
        Self { _mark: Mark::of(inner.as_raw_fd()), inner }
    }
}

impl<T: AsRawFd> Deref for Unshared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsRawFd + AsFd> AsFd for Unshared<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl<T: AsRawFd> AsRawFd for Unshared<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

/// Takes the marks of all [`Unshared`] descriptors, one after the other. For the engine alone, in the child of a fork: it allocates
/// nothing and takes no lock.
pub fn unshared() -> impl Iterator<Item = RawFd> {
    let used = USED.load(Ordering::Relaxed).min(MARKS.len());
    let words = MARKS[..used].iter().enumerate().map(|(at, word)| (at, word.swap(0, Ordering::Relaxed)));
    words.filter(|(_, word)| *word != 0).flat_map(|(at, word)| {
        (0..64)
            .filter(move |bit| word & (1 << bit) != 0)
            .filter_map(move |bit| RawFd::try_from(at * 64 + bit).ok())
    })
}

#[derive(Debug)]
struct Mark(RawFd);

impl Mark {
    fn of(descriptor: RawFd) -> Self {
        if let Some((at, bit)) = Self::place(descriptor) {
            MARKS[at].fetch_or(bit, Ordering::Relaxed);
            USED.fetch_max(at + 1, Ordering::Relaxed);
        }
        Self(descriptor)
    }

    fn place(descriptor: RawFd) -> Option<(usize, u64)> {
        let number = usize::try_from(descriptor).ok()?;
        (number / 64 < MARKS.len()).then_some((number / 64, 1 << (number % 64)))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        if let Some((at, bit)) = Self::place(self.0) {
            MARKS[at].fetch_and(!bit, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    fn pair() -> (UnixStream, UnixStream) {
        let (a, b) = UnixStream::pair().expect("a pair of sockets");
        a.set_nonblocking(true).expect("non-blocking");
        b.set_nonblocking(true).expect("non-blocking");
        (a, b)
    }

    #[test]
    fn a_read_appends_no_more_than_the_spare_capacity() {
        let (a, b) = pair();
        write(&a, &[IoSlice::new(b"abc"), IoSlice::new(&[b'd'; 500])]).expect("room");
        let mut into = Vec::with_capacity(10);
        into.extend_from_slice(b"..");
        let spare = into.capacity() - into.len();
        assert_eq!(read(&b, &mut into).expect("bytes"), spare);
        assert!(into.starts_with(b"..abcd"));
    }

    #[test]
    fn nothing_there_would_block_and_the_end_is_zero() {
        let (a, b) = pair();
        let mut into = Vec::with_capacity(10);
        assert_eq!(read(&b, &mut into).map_err(|e| e.kind()), Err(io::ErrorKind::WouldBlock));
        drop(a);
        assert_eq!(read(&b, &mut into).map_err(|e| e.kind()), Ok(0));
    }

    #[test]
    fn more_slices_than_the_system_takes_are_written_in_part() {
        let (a, b) = pair();
        let slices = vec![IoSlice::new(b"x"); 5000];
        assert_eq!(write(&a, &slices).expect("room"), MOST_SLICES);
        let mut into = Vec::with_capacity(5000);
        assert_eq!(read(&b, &mut into).expect("bytes"), MOST_SLICES);
    }

    #[test]
    fn a_descriptor_is_marked_as_long_as_it_is_open() {
        let (a, b) = pair();
        let (a, b) = (Unshared::new(a), Unshared::new(b));
        let numbers = [a.as_raw_fd(), b.as_raw_fd()];
        drop(b);
        assert_eq!(unshared().collect::<Vec<_>>(), numbers[..1]);
        assert_eq!(unshared().count(), 0, "they were taken");
        drop(a);
    }
}
