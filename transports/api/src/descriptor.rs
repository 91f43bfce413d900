//! Reading and writing a socket by its descriptor, for transports whose streams are plain kernel sockets.

use std::io::{self, IoSlice};
use std::os::fd::AsFd;

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
        assert_eq!(read(&b, &mut into).expect("octets"), spare);
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
        assert_eq!(read(&b, &mut into).expect("octets"), MOST_SLICES);
    }
}
