use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// How long a call waits before it is looked whether the connection still lives.
const TURN: Duration = Duration::from_millis(10);

/// A connection of either transport.
#[derive(Debug)]
pub(super) enum Wire {
    Tcp(TcpStream),
    Ipc(UnixStream),
}

/// Where connections of either transport come in.
#[derive(Debug)]
pub(super) enum Entrance {
    Tcp(TcpListener),
    Ipc(UnixListener),
}

/// Connects to an address of the library.
pub(super) fn connect(address: &str) -> io::Result<Wire> {
    match address.split_once("://") {
        Some(("tcp", place)) => Wire::Tcp(TcpStream::connect(place)?).prepared(),
        Some(("ipc", path)) => Wire::Ipc(UnixStream::connect(path)?).prepared(),
        _ => panic!("neither tcp nor ipc: {address}"),
    }
}

impl Entrance {
    /// An entrance like that one, and its address.
    pub(super) fn beside(target: &str, part: u64) -> (Self, String) {
        if let Some(path) = target.strip_prefix("ipc://") {
            let path = format!("{path}.{part}");
            let listener = UnixListener::bind(&path).expect("a new path");
            return (Self::Ipc(listener), format!("ipc://{path}"));
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("tcp://{}", listener.local_addr().expect("its port"));
        (Self::Tcp(listener), address)
    }

    pub(super) fn accept(&self) -> io::Result<Wire> {
        match self {
            Self::Tcp(listener) => Wire::Tcp(listener.accept()?.0).prepared(),
            Self::Ipc(listener) => Wire::Ipc(listener.accept()?.0).prepared(),
        }
    }
}

impl Wire {
    /// Every write leaves as it is, and no call waits for long.
    fn prepared(self) -> io::Result<Self> {
        match &self {
            Self::Tcp(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(TURN))?;
                stream.set_write_timeout(Some(TURN))?;
            }
            Self::Ipc(stream) => {
                stream.set_read_timeout(Some(TURN))?;
                stream.set_write_timeout(Some(TURN))?;
            }
        }
        Ok(self)
    }

    /// How many bytes stand in front of a message: its length, and over ipc the type of the frame.
    pub(super) fn prefix(&self) -> usize {
        match self {
            Self::Tcp(_) => 8,
            Self::Ipc(_) => 9,
        }
    }

    pub(super) fn shutdown(&self, how: Shutdown) {
        // An end that has left need not be told.
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown(how),
            Self::Ipc(stream) => stream.shutdown(how),
        };
    }

    /// Its close will be a reset. Over ipc it is one where something was left unread.
    pub(super) fn will_reset(&self) {
        let _ = rustix::net::sockopt::set_socket_linger(self.descriptor(), Some(Duration::ZERO));
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Ipc(stream) => stream.as_fd(),
        }
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => (&*stream).read(buffer),
            Self::Ipc(stream) => (&*stream).read(buffer),
        }
    }

    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => (&*stream).write(bytes),
            Self::Ipc(stream) => (&*stream).write(bytes),
        }
    }
}

/// Whether a call was merely in vain, and can be repeated.
pub(super) fn in_vain(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
