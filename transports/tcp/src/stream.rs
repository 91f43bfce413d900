use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;

use hubless_transport::mio::Registry;
use hubless_transport::mio::unix::SourceFd;
use hubless_transport::{Link, Peer, Stream, Wait, descriptor};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

/// Silence before the first keepalive probe.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);

/// Time between two probes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Probes without an answer after which the peer is dead.
const KEEPALIVE_PROBES: u32 = 3;

/// One tcp connection, perhaps still under way.
#[derive(Debug)]
pub(crate) struct TcpStream {
    socket: Socket,
    peer: SocketAddr,
    dialed: bool,
}

impl TcpStream {
    /// Begins to connect to `peer`.
    pub(crate) fn connect(peer: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP))?;
        configure(&socket)?;
        match socket.connect(&peer.into()) {
            Err(error) if !under_way(&error) => Err(error),
            _ => Ok(Self { socket, peer, dialed: true }),
        }
    }

    /// Takes over a connection that a listener accepted.
    pub(crate) fn accepted(socket: Socket, peer: SocketAddr) -> io::Result<Self> {
        configure(&socket)?;
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        Ok(Self { socket, peer, dialed: false })
    }
}

fn configure(socket: &Socket) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_PROBES);
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&keepalive)
}

/// Whether connecting goes on in the background, which it also does after a signal.
fn under_way(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::INPROGRESS | Errno::INTR))
}

impl Link for TcpStream {
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
            return Err(error);
        }
        let peer = match self.socket.peer_addr() {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            peer => peer?,
        };
        // Dialing a port of this machine on which nobody listens can pick that very port for our own end, and tcp
        // then connects the socket to itself. It would keep the port from its listener for as long as it lives.
        let local = self.socket.local_addr()?;
        if local.as_socket() == peer.as_socket() {
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens there"));
        }
        Ok(())
    }

    fn peer(&self) -> Peer {
        Peer::new(format!("tcp://{}", self.peer))
    }

    fn shutdown(&self) {
        // Fails only where the connection is gone already.
        let _ = self.socket.shutdown(Shutdown::Write);
    }
}

impl Stream for TcpStream {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        descriptor::read(&self.socket, into)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        descriptor::write(&self.socket, slices)
    }

    fn short_read_drains(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> Socket {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
        socket.listen(1).expect("listening");
        socket
    }

    fn address(socket: &Socket) -> SocketAddr {
        socket.local_addr().ok().and_then(|address| address.as_socket()).expect("an address")
    }

    #[test]
    fn both_ends_have_nodelay_and_keepalive() {
        let listener = listener();
        let dialed = TcpStream::connect(address(&listener)).expect("connecting");
        let (socket, peer) = listener.accept().expect("a connection");
        let accepted =
            TcpStream::accepted(socket, peer.as_socket().expect("an address")).expect("a live connection");
        for TcpStream { socket, .. } in [&dialed, &accepted] {
            assert_eq!(socket.tcp_nodelay().ok(), Some(true));
            assert_eq!(socket.keepalive().ok(), Some(true));
            assert_eq!(socket.tcp_keepalive_time().ok(), Some(KEEPALIVE_IDLE));
            assert_eq!(socket.tcp_keepalive_interval().ok(), Some(KEEPALIVE_INTERVAL));
            assert_eq!(socket.tcp_keepalive_retries().ok(), Some(KEEPALIVE_PROBES));
            assert_eq!(socket.nonblocking().ok(), Some(true));
        }
        #[cfg(target_os = "linux")]
        assert_eq!(dialed.socket.tcp_user_timeout().ok(), Some(None), "a slow reader is no dead peer");
    }

    #[test]
    fn a_socket_connected_to_itself_is_refused() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
        let itself = address(&socket);
        socket.connect(&itself.into()).expect("tcp allows it");
        let stream = TcpStream { socket, peer: itself, dialed: true };
        let refused = stream.establish().map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::ConnectionRefused));
    }

    #[test]
    fn a_peer_that_came_over_ipv6_with_an_ipv4_address_is_named_by_that() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let mapped = "[::ffff:10.1.2.3]:4000".parse().expect("an address");
        let stream = TcpStream::accepted(socket, mapped).expect("any socket");
        assert_eq!(stream.peer().address, "tcp://10.1.2.3:4000");
    }
}
