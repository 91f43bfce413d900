use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd};

use hubless_transport::descriptor::Unshared;
use hubless_transport::mio::Registry;
use hubless_transport::mio::unix::SourceFd;
use hubless_transport::{Link, Medium, Peer, Stream, Wait, descriptor};
use rustix::io::Errno;
use socket2::{Domain, Socket, Type};

use crate::address::Place;
use crate::credentials;
use crate::options::Options;

/// One connection over a Unix domain socket.
#[derive(Debug)]
pub(crate) struct IpcStream {
    socket: Unshared<Socket>,
    place: Place,
    dialed: bool,
}

impl IpcStream {
    /// Connects to `place`.
    pub(crate) fn connect(place: &Place, options: &Options) -> io::Result<Self> {
        let socket = Unshared::new(Socket::new(Domain::UNIX, Type::STREAM, None)?);
        socket.set_nonblocking(true)?;
        options.configure(&socket)?;
        match socket.connect(&place.to_sockaddr()?) {
            Err(error) if Errno::from_io_error(&error) != Some(Errno::INPROGRESS) => {
                return Err(explained(&error, place));
            }
            _ => {}
        }
        // Nobody owns a name without a file: the one that is there first could be anybody.
        if matches!(place, Place::Abstract(_)) && !credentials::is_same_user(socket.as_fd()) {
            let why = format!("the listener at `{place}` belongs to another user");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        Ok(Self { socket, place: place.clone(), dialed: true })
    }

    /// Takes over a connection that a listener at `place` accepted.
    pub(crate) fn accepted(socket: Socket, place: &Place) -> io::Result<Self> {
        let socket = Unshared::new(socket);
        socket.set_nonblocking(true)?;
        Ok(Self { socket, place: place.clone(), dialed: false })
    }
}

/// Why connecting failed, in words. A full queue of the listener is a failure like any other, not a reason to wait:
/// the system would not tell when it has room again.
fn explained(error: &io::Error, place: &Place) -> io::Error {
    let (kind, why) = match error.kind() {
        io::ErrorKind::NotFound => (io::ErrorKind::NotFound, "there is no socket"),
        io::ErrorKind::ConnectionRefused => (io::ErrorKind::ConnectionRefused, "nobody listens"),
        io::ErrorKind::WouldBlock => (io::ErrorKind::ResourceBusy, "too many wait for the listener"),
        kind => return io::Error::new(kind, format!("cannot connect to `{place}`: {error}")),
    };
    io::Error::new(kind, format!("{why} at `{place}`"))
}

impl Link for IpcStream {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        wait.on(&self.socket)
    }

    fn unwatch(&self, registry: &Registry) {
        // Not being watched is what was asked for.
        let _ = registry.deregister(&mut SourceFd(&self.socket.as_raw_fd()));
    }

    fn establish(&self) -> io::Result<()> {
        if !self.dialed {
            return Ok(());
        }
        if let Some(error) = self.socket.take_error()? {
            return Err(explained(&error, &self.place));
        }
        match self.socket.peer_addr() {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                Err(io::ErrorKind::WouldBlock.into())
            }
            peer => peer.map(drop),
        }
    }

    fn peer(&self) -> Peer {
        let peer = Peer::new(format!("ipc://{}", self.place));
        match credentials::of_peer(self.socket.as_fd()) {
            Some(credentials) => peer.with_credentials(credentials),
            None => peer,
        }
    }

    fn shutdown(&self) {
        // Fails only where the connection is gone already.
        let _ = self.socket.shutdown(Shutdown::Write);
    }
}

impl Stream for IpcStream {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        descriptor::read(&self.socket, into)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        descriptor::write(&self.socket, slices)
    }

    /// Not behind bytes that a descriptor came with, where a read ends early. A peer that passes descriptors along holds up
    /// nobody but itself: what it sends next is an edge.
    fn short_read_drains(&self) -> bool {
        true
    }

    fn medium(&self) -> Medium {
        Medium::TypedStream
    }
}
