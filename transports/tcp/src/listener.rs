use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsRawFd;

use hubless_transport::descriptor::Unshared;
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

/// Attempts to find a port that is free at each address of a name, where the system is to choose one.
const MOST_PORTS: usize = 16;

/// Listens on one host and port: at each address of it that this machine has.
#[derive(Debug)]
pub(crate) struct TcpListener {
    place: Place,
    options: Options,
    address: String,
    sockets: Vec<Unshared<Socket>>,
    /// The socket that is asked first next time, so that one with many who come leaves the others their turn.
    next: usize,
    /// The process that listens: a forked child has the descriptors too, and must leave them alone.
    process: u32,
}

/// Ends listening for everybody who has the descriptor, or a child of a fork that lives on would keep the address in use.
impl Drop for TcpListener {
    fn drop(&mut self) {
        if self.process == std::process::id() {
            for socket in &self.sockets {
                // It fails only where the socket is not listening any more.
                let _ = socket.shutdown(std::net::Shutdown::Both);
            }
        }
    }
}

impl TcpListener {
    pub(crate) fn new(place: Place, address: &str, options: Options) -> Self {
        let process = std::process::id();
        Self { place, options, address: address.to_owned(), sockets: Vec::new(), next: 0, process }
    }

    fn open(&mut self) -> io::Result<Vec<Unshared<Socket>>> {
        let Place { host, port } = &self.place;
        let addresses: Vec<SocketAddr> = match host {
            Host::Every => return Ok(vec![listen_everywhere(*port, &self.options)?]),
            Host::Name(name) => (name.as_str(), *port).to_socket_addrs()?.collect(),
            Host::V4(_) | Host::V6(..) => self.place.literal()?.into_iter().collect(),
        };
        listen_on_all(addresses, &self.options).map_err(|Failure { address, error }| {
            if let Some(address) = address.filter(|_| error.kind() == io::ErrorKind::AddrInUse) {
                // Of a name, that address is told which is taken.
                self.address = address.to_string();
            }
            error
        })
    }

    /// What it is bound to. A name with several addresses stands for all of them.
    fn bound_to(&self) -> io::Result<String> {
        let mut bound = Vec::new();
        for socket in &self.sockets {
            bound.extend(socket.local_addr()?.as_socket());
        }
        Ok(match (&self.place.host, &bound[..]) {
            (Host::Name(name), [first, _, ..]) => format!("{name}:{}", first.port()),
            (_, [first, ..]) => first.to_string(),
            (_, []) => self.address.clone(),
        })
    }

    fn accept_at(&self, socket: &Socket) -> io::Result<TcpStream> {
        for _ in 0..MOST_PASSED_OVER {
            let (socket, peer) = match socket.accept() {
                Err(error) if of_one_connection(&error) => continue,
                accepted => accepted?,
            };
            let Some(peer) = peer.as_socket() else { continue };
            // A connection that was reset meanwhile refuses its options on some systems.
            if let Ok(stream) = TcpStream::accepted(socket, peer, &self.options) {
                return Ok(stream);
            }
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

/// Why a name cannot be listened on, and at which of its addresses.
#[derive(Debug)]
struct Failure {
    address: Option<SocketAddr>,
    error: io::Error,
}

fn warn_of_strangers(address: &str) {
    let line = || {
        log::warn!(
            "listening on every interface, at tcp://{address}: everybody who reaches this machine can connect, and nothing is \
             encrypted"
        );
    };
    // The logger is the program's own: if it panics, that costs the line and not the listener.
    if let Err(panic) = std::panic::catch_unwind(line) {
        std::mem::forget(panic);
    }
}

/// One socket for both families, or for IPv4 alone where the machine has no IPv6.
fn listen_everywhere(port: u16, options: &Options) -> io::Result<Unshared<Socket>> {
    match listen((Ipv6Addr::UNSPECIFIED, port).into(), options) {
        Err(error) if !belongs_to_port(&error) => listen((Ipv4Addr::UNSPECIFIED, port).into(), options),
        outcome => outcome,
    }
}

/// Listens at each of the addresses that this machine has. One that somebody else has fails all: who dials the name could come to
/// them. Where the system chooses the port, it is the same at each.
fn listen_on_all(
    mut addresses: Vec<SocketAddr>,
    options: &Options,
) -> Result<Vec<Unshared<Socket>>, Failure> {
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(*address));
    for _ in 1..MOST_PORTS {
        match listen_once(&addresses, options) {
            Err(Failure { address: Some(address), error })
                if error.kind() == io::ErrorKind::AddrInUse
                    && addresses.iter().any(|wanted| wanted.port() != address.port()) => {}
            outcome => return outcome,
        }
    }
    listen_once(&addresses, options)
}

fn listen_once(addresses: &[SocketAddr], options: &Options) -> Result<Vec<Unshared<Socket>>, Failure> {
    let why = "the name has no address";
    let mut failure = Failure { address: None, error: io::Error::new(io::ErrorKind::AddrNotAvailable, why) };
    let (mut sockets, mut port) = (Vec::new(), None);
    for address in addresses {
        let mut address = *address;
        address.set_port(port.unwrap_or(address.port()));
        match listen(address, options) {
            Ok(socket) => {
                port = socket.local_addr().ok().and_then(|bound| bound.as_socket()).map(|bound| bound.port());
                sockets.push(socket);
            }
            Err(error) if belongs_to_port(&error) => return Err(Failure { address: Some(address), error }),
            Err(error) => failure = Failure { address: Some(address), error },
        }
    }
    if sockets.is_empty() { Err(failure) } else { Ok(sockets) }
}

/// Whether another address would be refused for the same reason.
fn belongs_to_port(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn listen(address: SocketAddr, options: &Options) -> io::Result<Unshared<Socket>> {
    let socket = Unshared::new(Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?);
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
        self.sockets = self.open()?;
        self.address = self.bound_to()?;
        let everywhere = |address: SocketAddr| address.ip().to_canonical().is_unspecified();
        if self.address.parse().is_ok_and(everywhere) {
            warn_of_strangers(&self.address);
        }
        Ok(())
    }

    fn address(&self) -> String {
        self.address.clone()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        if self.sockets.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "not bound yet"));
        }
        self.sockets.iter().try_for_each(|socket| wait.on(socket))
    }

    fn unwatch(&mut self, registry: &Registry) {
        for socket in &self.sockets {
            // Not being watched is what was asked for.
            let _ = registry.deregister(&mut SourceFd(&socket.as_raw_fd()));
        }
    }

    fn accept(&mut self, _: &Offer) -> io::Result<Connection> {
        if self.sockets.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "not bound yet"));
        }
        let first = self.next;
        for turn in 0..self.sockets.len() {
            let index = (first + turn) % self.sockets.len();
            match self.accept_at(&self.sockets[index]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                accepted => {
                    self.next = (index + 1) % self.sockets.len();
                    return Ok(Connection::Stream(Box::new(accepted?)));
                }
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}
