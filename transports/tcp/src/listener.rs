use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsRawFd;

use hubless_transport::mio::Registry;
use hubless_transport::mio::unix::SourceFd;
use hubless_transport::{Connection, Listener, Offer, Wait};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::address::{Host, Place};
use crate::options::Options;
use crate::stream::TcpStream;

/// Connections that died in the queue and are passed over in one call.
const MOST_PASSED_OVER: usize = 64;

/// Listens on one host and port.
#[derive(Debug)]
pub(crate) struct TcpListener {
    place: Place,
    options: Options,
    address: String,
    socket: Option<Socket>,
    /// The process that listens: a forked child has the descriptor too, and must leave it alone.
    process: u32,
}

/// Ends listening for everybody who has the descriptor, or a child of a fork that lives on would keep the address in use.
impl Drop for TcpListener {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.as_ref().filter(|_| self.process == std::process::id()) {
            // It fails only where the socket is not listening any more.
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
    }
}

impl TcpListener {
    pub(crate) fn new(place: Place, address: &str, options: Options) -> Self {
        Self { place, options, address: address.to_owned(), socket: None, process: std::process::id() }
    }

    fn socket(&self) -> io::Result<&Socket> {
        self.socket.as_ref().ok_or_else(|| io::Error::new(io::ErrorKind::NotConnected, "not bound yet"))
    }

    fn open(&self) -> io::Result<Socket> {
        let Place { host, port } = &self.place;
        match host {
            Host::Every => listen_everywhere(*port, &self.options),
            Host::Name(name) => listen_on_first((name.as_str(), *port).to_socket_addrs()?, &self.options),
            Host::V4(_) | Host::V6(..) => listen_on_first(self.place.literal()?.into_iter(), &self.options),
        }
    }
}

fn warn_of_strangers(address: &str) {
    log::warn!(
        "listening on every interface, at tcp://{address}: everybody who reaches this machine can connect, and nothing is \
         encrypted"
    );
}

/// One socket for both families, or for IPv4 alone where the machine has no IPv6.
fn listen_everywhere(port: u16, options: &Options) -> io::Result<Socket> {
    match listen((Ipv6Addr::UNSPECIFIED, port).into(), options) {
        Err(error) if !belongs_to_port(&error) => listen((Ipv4Addr::UNSPECIFIED, port).into(), options),
        outcome => outcome,
    }
}

/// Tries the addresses in turn. A port in use is the answer at once: on another address of the same name the listener
/// would share the name with somebody else.
fn listen_on_first(addresses: impl Iterator<Item = SocketAddr>, options: &Options) -> io::Result<Socket> {
    let mut failure = io::Error::new(io::ErrorKind::AddrNotAvailable, "the name has no address");
    for address in addresses {
        match listen(address, options) {
            Err(error) if !belongs_to_port(&error) => failure = error,
            outcome => return outcome,
        }
    }
    Err(failure)
}

/// Whether another address would be refused for the same reason.
fn belongs_to_port(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn listen(address: SocketAddr, options: &Options) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    // Connections of an earlier listener that the system still remembers must not keep the port from this one.
    // A listener that is alive still does.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    options.prepare(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(options.backlog())?;
    Ok(socket)
}

/// Whether the error belongs to the connection at the head of the queue, which is now gone from it. Linux hands out
/// network errors of a connection this way.
fn of_one_connection(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(
            Errno::CONNABORTED
                | Errno::INTR
                | Errno::PROTO
                | Errno::NETDOWN
                | Errno::NETUNREACH
                | Errno::HOSTDOWN
                | Errno::HOSTUNREACH
                | Errno::NOPROTOOPT
        )
    )
}

impl Listener for TcpListener {
    fn bind(&mut self) -> io::Result<()> {
        let socket = self.open()?;
        if let Some(bound) = socket.local_addr()?.as_socket() {
            self.address = bound.to_string();
            if bound.ip().to_canonical().is_unspecified() {
                warn_of_strangers(&self.address);
            }
        }
        self.socket = Some(socket);
        Ok(())
    }

    fn address(&self) -> String {
        self.address.clone()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        wait.on(self.socket()?)
    }

    fn unwatch(&mut self, registry: &Registry) {
        if let Some(socket) = &self.socket {
            // Not being watched is what was asked for.
            let _ = registry.deregister(&mut SourceFd(&socket.as_raw_fd()));
        }
    }

    fn accept(&mut self, _: &Offer) -> io::Result<Connection> {
        let listening = self.socket()?;
        for _ in 0..MOST_PASSED_OVER {
            let (socket, peer) = match listening.accept() {
                Err(error) if of_one_connection(&error) => continue,
                accepted => accepted?,
            };
            let Some(peer) = peer.as_socket() else { continue };
            // A connection that was reset meanwhile refuses its options on some systems.
            if let Ok(stream) = TcpStream::accepted(socket, peer, &self.options) {
                return Ok(Connection::Stream(Box::new(stream)));
            }
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}
