//! A peer made of nothing but a system socket: it says what a test has it say, right or wrong.

use std::fs::File;
use std::io::{self, IoSlice, Read};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_linger, set_socket_timeout, set_tcp_nodelay};
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketType, bind,
    connect, recv, send, sendmsg, shutdown, socket,
};

use crate::{Peers, SOON, Site, Socket, WHILE};

/// SP numbers (sp.md section 6).
pub const PAIR0: u16 = 0x10;
pub const PAIR1: u16 = 0x11;
pub const PUB: u16 = 0x20;
pub const SUB: u16 = 0x21;
pub const REQ: u16 = 0x30;
pub const REP: u16 = 0x31;
pub const PUSH: u16 = 0x50;
pub const PULL: u16 = 0x51;
pub const SURVEYOR: u16 = 0x62;
pub const RESPONDENT: u16 = 0x63;
pub const BUS: u16 = 0x70;

/// What a peer of this number says first.
pub fn greeting(number: u16) -> [u8; 8] {
    let [high, low] = number.to_be_bytes();
    [0, b'S', b'P', 0, high, low, 0, 0]
}

/// One end of a connection. Nothing takes for ever on it.
#[derive(Debug)]
pub struct Peer {
    pub socket: File,
    /// Bytes that stand before the length of a message.
    prefix: &'static [u8],
}

impl Peer {
    /// Connects to an address of ours and says nothing.
    #[track_caller]
    pub fn connect(address: &str) -> Self {
        Self::try_connect(address).expect("somebody listens")
    }

    pub fn try_connect(address: &str) -> io::Result<Self> {
        match address.split_once("://") {
            Some(("tcp", place)) => Self::over_tcp(TcpStream::connect(place)?.into()),
            Some(("ipc", path)) => Self::of(UnixStream::connect(path)?.into(), &[1]),
            _ => panic!("{address} has no wire"),
        }
    }

    /// Connects over tcp from this address of this machine.
    pub fn connect_from(local: Ipv4Addr, address: &str) -> io::Result<Self> {
        let place: SocketAddr = address.trim_start_matches("tcp://").parse().expect("an address of tcp");
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        bind(&socket, &SocketAddrV4::new(local, 0))?;
        connect(&socket, &place)?;
        Self::over_tcp(socket)
    }

    fn over_tcp(socket: OwnedFd) -> io::Result<Self> {
        set_tcp_nodelay(&socket, true)?;
        Self::of(socket, &[])
    }

    fn of(socket: OwnedFd, prefix: &'static [u8]) -> io::Result<Self> {
        let peer = Self { socket: socket.into(), prefix };
        peer.allow(SOON)?;
        Ok(peer)
    }

    fn allow(&self, time: Duration) -> io::Result<()> {
        set_socket_timeout(&self.socket, Timeout::Recv, Some(time))?;
        Ok(set_socket_timeout(&self.socket, Timeout::Send, Some(time))?)
    }

    /// Connects, greets as `number` and reads the greeting of the other side.
    #[track_caller]
    pub fn greeted(address: &str, number: u16) -> Self {
        let peer = Self::connect(address);
        peer.greet(number);
        peer
    }

    /// Where `socket` listens at a new address and has no other peer: one that has greeted it as `number`.
    #[track_caller]
    pub fn of_socket(site: &Site, socket: &impl Socket, number: u16) -> Self {
        let at = socket.listen(site.address()).expect("an address to listen on");
        let peer = Self::greeted(at.address(), number);
        socket.peers(1);
        peer
    }

    /// The exchange of greetings; the number of the other side.
    #[track_caller]
    pub fn greet(&self, number: u16) -> u16 {
        self.write(&greeting(number));
        self.read_greeting()
    }

    #[track_caller]
    pub fn read_greeting(&self) -> u16 {
        let theirs = self.read(8);
        let number = u16::from_be_bytes([theirs[4], theirs[5]]);
        assert_eq!(theirs, greeting(number), "a greeting");
        number
    }

    #[track_caller]
    pub fn write(&self, bytes: &[u8]) {
        self.try_write(bytes).expect("the bytes are taken");
    }

    /// Waits while the other end takes none.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<()> {
        let (taken, result) = self.write_on(bytes);
        result.map(|()| assert_eq!(taken, bytes.len()))
    }

    /// Whether the other end took these bytes.
    pub fn say(&self, bytes: &[u8]) -> bool {
        self.try_write(bytes).is_ok()
    }

    /// How many were taken, and how that ended.
    fn write_on(&self, bytes: &[u8]) -> (usize, io::Result<()>) {
        let mut taken = 0;
        while taken < bytes.len() {
            match send(&self.socket, &bytes[taken..], SendFlags::NOSIGNAL) {
                Ok(count) => taken += count,
                Err(Errno::INTR) => {}
                Err(error) => return (taken, Err(error.into())),
            }
        }
        (taken, Ok(()))
    }

    /// Offers bytes; how many were taken at once. Nothing when the connection has ended.
    pub fn try_offer(&self, bytes: &[u8]) -> Option<usize> {
        match send(&self.socket, bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
            Ok(count) => Some(count),
            Err(Errno::AGAIN | Errno::INTR) => Some(0),
            Err(_) => None,
        }
    }

    /// Writes so much of this as the other side takes before it has taken nothing for a while; how much that was.
    pub fn offer(&self, bytes: &[u8]) -> usize {
        self.offer_within(WHILE, bytes)
    }

    fn offer_within(&self, pause: Duration, bytes: &[u8]) -> usize {
        self.allow(pause).expect("a timeout");
        let (taken, result) = self.write_on(bytes);
        if let Err(error) = result {
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}");
        }
        self.allow(SOON).expect("a timeout");
        taken
    }

    /// Writes whole messages until the other side has taken nothing for a while; how many bytes it took.
    pub fn flood(&self, message: &[u8], pause: Duration) -> usize {
        let frame = self.frame(message);
        let mut taken = 0;
        loop {
            let count = self.offer_within(pause, &frame);
            taken += count;
            if count < frame.len() {
                return taken;
            }
        }
    }

    /// Writes bytes, and passes a descriptor along with them, eight times; whether all were taken.
    pub fn pass(&self, bytes: &[u8], descriptor: &impl AsFd) -> bool {
        let descriptors = [descriptor.as_fd(); 8];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
        let mut passed = SendAncillaryBuffer::new(&mut space);
        assert!(passed.push(SendAncillaryMessage::ScmRights(&descriptors)), "there is space");
        sendmsg(&self.socket, &[IoSlice::new(bytes)], &mut passed, SendFlags::NOSIGNAL)
            .is_ok_and(|count| count == bytes.len())
    }

    #[track_caller]
    pub fn read(&self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        (&self.socket).read_exact(&mut bytes).expect("so many bytes come");
        bytes
    }

    /// How a message stands on this wire.
    pub fn frame(&self, payload: &[u8]) -> Vec<u8> {
        [&self.announcement(payload.len() as u64), payload].concat()
    }

    /// What stands in front of a payload of this length.
    pub fn announcement(&self, length: u64) -> Vec<u8> {
        [self.prefix, &length.to_be_bytes()].concat()
    }

    #[track_caller]
    pub fn send(&self, payload: &[u8]) {
        self.write(&self.frame(payload));
    }

    #[track_caller]
    pub fn recv(&self) -> Vec<u8> {
        assert_eq!(self.read(self.prefix.len()), self.prefix);
        let length = u64::from_be_bytes(self.read(8).try_into().expect("eight bytes"));
        self.read(usize::try_from(length).expect("a length that is sent"))
    }

    /// Waits until the other side has closed; what it sent until then is discarded.
    #[track_caller]
    pub fn wait_for_end(&self) {
        assert!(self.reads_to_end(RecvFlags::empty()), "the connection stays open");
    }

    /// Whether the other side has closed; what it sent until then is discarded.
    pub fn has_ended(&self) -> bool {
        self.reads_to_end(RecvFlags::DONTWAIT)
    }

    fn reads_to_end(&self, how: RecvFlags) -> bool {
        let mut bytes = [0; 4096];
        loop {
            match recv(&self.socket, &mut bytes[..], how) {
                Ok((0, _)) => return true,
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return false,
                Err(_) => return true,
            }
        }
    }

    /// All that the other side sends until it closes.
    #[track_caller]
    pub fn read_to_end(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let result = (&self.socket).read_to_end(&mut bytes);
        // One that is reset has ended as well.
        assert!(result.is_ok_and(|_| true) || bytes.is_empty(), "the connection stays open");
        bytes
    }

    /// Whether the other side sends nothing and does not close for a short while.
    pub fn is_left_alone(&self) -> bool {
        self.allow(WHILE).expect("a timeout");
        let result = (&self.socket).read(&mut [0]);
        self.allow(SOON).expect("a timeout");
        result.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Takes nothing any more; our side is not told.
    pub fn end_reading(&self) {
        shutdown(&self.socket, rustix::net::Shutdown::Read).expect("an open connection");
    }

    /// Says no more, but goes on listening.
    pub fn end_writing(&self) {
        shutdown(&self.socket, rustix::net::Shutdown::Write).expect("a live connection");
    }

    /// Goes as rudely as the system allows, and without a trace in it.
    pub fn reset(self) {
        // A unix socket knows no other end.
        let _ = set_socket_linger(&self.socket, Some(Duration::ZERO));
    }
}

/// Where peers without manners are dialed.
#[derive(Debug)]
pub enum Host {
    Tcp(TcpListener),
    Ipc(UnixListener, String),
}

impl Host {
    pub fn new(site: &Site) -> Self {
        let address = site.address();
        match address.split_once("://") {
            Some(("ipc", path)) => Self::Ipc(UnixListener::bind(path).expect("a path"), address.clone()),
            _ => Self::Tcp(TcpListener::bind("127.0.0.1:0").expect("a port")),
        }
    }

    pub fn address(&self) -> String {
        match self {
            Self::Tcp(listener) => format!("tcp://{}", listener.local_addr().expect("an address")),
            Self::Ipc(_, address) => address.clone(),
        }
    }

    pub fn accept(&self) -> Peer {
        let peer = match self {
            Self::Tcp(listener) => Peer::over_tcp(listener.accept().expect("a connection").0.into()),
            Self::Ipc(listener, _) => Peer::of(listener.accept().expect("a connection").0.into(), &[1]),
        };
        peer.expect("timeouts")
    }

    pub fn greeted(&self, number: u16) -> Peer {
        let peer = self.accept();
        peer.greet(number);
        peer
    }
}
