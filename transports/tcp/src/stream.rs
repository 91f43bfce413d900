use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;

use hubless_transport::descriptor::Unshared;
use hubless_transport::mio::Registry;
use hubless_transport::mio::unix::SourceFd;
use hubless_transport::{Acknowledged, Link, Peer, Stream, Wait, descriptor};
use rustix::io::Errno;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::options::Options;
use crate::silence::{self, Heard};

/// One tcp connection, perhaps still under way.
#[derive(Debug)]
pub(crate) struct TcpStream {
    socket: Unshared<Socket>,
    peer: SocketAddr,
    dialed: bool,
    /// How long the other end may owe us an answer; without keepalive for ever.
    patience: Option<Duration>,
}

impl TcpStream {
    /// Begins to connect to `peer`.
    pub(crate) fn connect(peer: SocketAddr, options: &Options) -> io::Result<Self> {
        let socket =
            Unshared::new(Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP))?);
        options.configure(&socket)?;
        options.prepare(&socket)?;
        options.take_local_address(&socket)?;
        match socket.connect(&peer.into()) {
            Err(error) if !under_way(&error) => Err(error),
            _ => Ok(Self { socket, peer, dialed: true, patience: options.patience() }),
        }
    }

    /// Takes over a connection that a listener accepted.
    pub(crate) fn accepted(socket: Socket, peer: SocketAddr, options: &Options) -> io::Result<Self> {
        let socket = Unshared::new(socket);
        options.configure(&socket)?;
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        Ok(Self { socket, peer, dialed: false, patience: options.patience() })
    }
}

impl TcpStream {
    /// Dialing a port of this machine on which nobody listens can pick that very port for our own end, and tcp then connects the socket
    /// to itself. It would keep the port from its listener for as long as it lives.
    fn is_its_own_peer(&self) -> bool {
        let address = |address: io::Result<SockAddr>| address.ok().and_then(|address| address.as_socket());
        let local = address(self.socket.local_addr());
        local.is_some() && local == address(self.socket.peer_addr())
    }
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
        if let Err(error) = self.socket.peer_addr() {
            let under_way = error.kind() == io::ErrorKind::NotConnected;
            return Err(if under_way { io::ErrorKind::WouldBlock.into() } else { error });
        }
        if self.is_its_own_peer() {
            // Closed in the ordinary way, the port would be kept from its listener for a minute more.
            self.socket.set_linger(Some(Duration::ZERO))?;
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens there"));
        }
        Ok(())
    }

    fn peer(&self) -> Peer {
        Peer::new(format!("tcp://{}", self.peer)).with_network(self.peer)
    }

    fn shutdown(&self) {
        // Fails only where the connection is gone already. A socket that is its own peer is to be reset, and nobody waits for its end.
        if !(self.dialed && self.is_its_own_peer()) {
            let _ = self.socket.shutdown(Shutdown::Write);
        }
    }

    /// Keepalive looks after connections that are idle, and this after the others, with the same patience.
    fn acknowledged(&self) -> Acknowledged {
        let (Some(patience), Some(heard)) = (self.patience, silence::of_peer(&self.socket)) else {
            return Acknowledged::All;
        };
        match heard {
            Heard { unanswered: true, silent, .. } if silent >= patience => Acknowledged::Overdue { silent },
            Heard { unconfirmed: false, unanswered: false, .. } => Acknowledged::All,
            _ => Acknowledged::NotYet,
        }
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
    use crate::keepalive::Keepalive;

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
        let (listener, options) = (listener(), Options::default());
        let dialed = TcpStream::connect(address(&listener), &options).expect("connecting");
        let (socket, peer) = listener.accept().expect("a connection");
        let accepted = TcpStream::accepted(socket, peer.as_socket().expect("an address"), &options)
            .expect("a live connection");
        for TcpStream { socket, .. } in [&dialed, &accepted] {
            assert_eq!(socket.tcp_nodelay().ok(), Some(true));
            assert_eq!(socket.keepalive().ok(), Some(true));
            assert_eq!(socket.tcp_keepalive_time().ok(), Some(Duration::from_secs(15)));
            assert_eq!(socket.tcp_keepalive_interval().ok(), Some(Duration::from_secs(5)));
            assert_eq!(socket.tcp_keepalive_retries().ok(), Some(3));
            assert_eq!(socket.nonblocking().ok(), Some(true));
        }
        #[cfg(target_os = "linux")]
        assert_eq!(dialed.socket.tcp_user_timeout().ok(), Some(None), "a slow reader is no dead peer");
    }

    #[test]
    fn what_is_set_for_an_endpoint_is_set_on_its_sockets() {
        let keepalive =
            Keepalive::new().idle(Duration::from_secs(60)).interval(Duration::from_secs(7)).probes(9);
        let options = Options {
            nodelay: false,
            keepalive: Some(keepalive),
            send_buffer: Some(1 << 16),
            recv_buffer: Some(1 << 17),
            ..Options::default()
        };
        let silent = Options { keepalive: None, ..Options::default() };
        let listener = listener();
        let stream = TcpStream::connect(address(&listener), &options).expect("connecting");
        assert_eq!(stream.socket.tcp_nodelay().ok(), Some(false));
        assert_eq!(stream.socket.tcp_keepalive_time().ok(), Some(Duration::from_secs(60)));
        assert_eq!(stream.socket.tcp_keepalive_interval().ok(), Some(Duration::from_secs(7)));
        assert_eq!(stream.socket.tcp_keepalive_retries().ok(), Some(9));
        // Linux keeps twice as much, for its own needs.
        assert!(stream.socket.send_buffer_size().is_ok_and(|bytes| (1 << 16..=1 << 17).contains(&bytes)));
        assert!(stream.socket.recv_buffer_size().is_ok_and(|bytes| (1 << 17..=1 << 18).contains(&bytes)));
        let (socket, peer) = listener.accept().expect("a connection");
        let accepted =
            TcpStream::accepted(socket, peer.as_socket().expect("an address"), &silent).expect("alive");
        assert_eq!(accepted.socket.keepalive().ok(), Some(false));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_dialer_comes_from_the_address_and_over_the_interface_that_it_is_told() {
        let listener = listener();
        let from = Options {
            local: Some([127, 0, 0, 2].into()),
            interface: Some("lo".to_owned()),
            ..Options::default()
        };
        let _dialed = TcpStream::connect(address(&listener), &from).expect("connecting");
        let (_, peer) = listener.accept().expect("a connection");
        assert_eq!(peer.as_socket().map(|peer| peer.ip()), Some([127, 0, 0, 2].into()));
        let nowhere = Options { interface: Some("nosuch0".to_owned()), ..Options::default() };
        let error =
            TcpStream::connect(address(&listener), &nowhere).expect_err("no such interface").to_string();
        assert!(error.contains("the interface `nosuch0` cannot be used"), "{error}");
        let elsewhere = Options { local: Some([192, 0, 2, 1].into()), ..Options::default() };
        let error = TcpStream::connect(address(&listener), &elsewhere).expect_err("not ours").to_string();
        assert!(error.contains("dialed from 192.0.2.1"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_peer_does_not_take_is_not_confirmed() {
        let (listener, options) = (listener(), Options::default());
        let sender = TcpStream::connect(address(&listener), &options).expect("connecting");
        let (_receiver, _) = listener.accept().expect("a connection");
        assert_eq!(sender.acknowledged(), Acknowledged::All);
        while sender.write(&[IoSlice::new(&[0; 4096])]).is_ok() {}
        assert_eq!(sender.acknowledged(), Acknowledged::NotYet);
        let careless = TcpStream { patience: None, ..sender };
        assert_eq!(careless.acknowledged(), Acknowledged::All, "nobody looks after it");
    }

    #[test]
    fn a_socket_connected_to_itself_is_refused_and_leaves_its_port_free() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
        let itself = address(&socket);
        socket.connect(&itself.into()).expect("tcp allows it");
        let stream = TcpStream { socket: Unshared::new(socket), peer: itself, dialed: true, patience: None };
        let refused = stream.establish().map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::ConnectionRefused));
        stream.shutdown();
        drop(stream);
        let server = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        server
            .bind(&itself.into())
            .expect("the port is free at once, for those, too, who do not ask to reuse it");
    }

    #[test]
    fn a_peer_that_came_over_ipv6_with_an_ipv4_address_is_named_by_that() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let mapped = "[::ffff:10.1.2.3]:4000".parse().expect("an address");
        let stream = TcpStream::accepted(socket, mapped, &Options::default()).expect("any socket");
        assert_eq!(stream.peer().address, "tcp://10.1.2.3:4000");
    }
}
