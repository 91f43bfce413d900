//! A peer made of nothing but a system socket: it says what a test has it say, right or wrong.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use super::{SOON, Site};

/// SP numbers (sp.md section 6).
pub(crate) const PAIR0: u16 = 0x10;
pub(crate) const PAIR1: u16 = 0x11;
pub(crate) const PUB: u16 = 0x20;
pub(crate) const SUB: u16 = 0x21;
pub(crate) const REQ: u16 = 0x30;
pub(crate) const REP: u16 = 0x31;
pub(crate) const PUSH: u16 = 0x50;
pub(crate) const PULL: u16 = 0x51;
pub(crate) const SURVEYOR: u16 = 0x62;
pub(crate) const RESPONDENT: u16 = 0x63;
pub(crate) const BUS: u16 = 0x70;

pub(crate) fn greeting(number: u16) -> [u8; 8] {
    let [high, low] = number.to_be_bytes();
    [0, b'S', b'P', 0, high, low, 0, 0]
}

/// One end of a connection.
pub(crate) enum Peer {
    Tcp(TcpStream),
    Ipc(UnixStream),
}

/// Where peers without manners are dialed.
pub(crate) enum Host {
    Tcp(TcpListener),
    Ipc(UnixListener, String),
}

impl Peer {
    /// Connects to an address of ours and says nothing.
    pub(crate) fn connect(address: &str) -> Self {
        let peer = match address.split_once("://") {
            Some(("tcp", place)) => Self::Tcp(TcpStream::connect(place).expect("somebody listens")),
            Some(("ipc", path)) => Self::Ipc(UnixStream::connect(path).expect("somebody listens")),
            _ => panic!("{address} has no wire"),
        };
        peer.patient()
    }

    /// Connects, greets as `number` and reads the greeting of the other side.
    pub(crate) fn greeted(address: &str, number: u16) -> Self {
        let mut peer = Self::connect(address);
        peer.greet(number);
        peer
    }

    /// The exchange of greetings; the number of the other side.
    pub(crate) fn greet(&mut self, number: u16) -> u16 {
        self.write(&greeting(number));
        self.read_greeting()
    }

    pub(crate) fn read_greeting(&mut self) -> u16 {
        let theirs = self.read(8);
        let number = u16::from_be_bytes([theirs[4], theirs[5]]);
        assert_eq!(theirs, greeting(number), "a greeting");
        number
    }

    /// Nothing takes for ever in a test.
    fn patient(self) -> Self {
        self.allow(SOON);
        self
    }

    fn allow(&self, time: Duration) {
        match self {
            Self::Tcp(stream) => {
                stream.set_nodelay(true).expect("no delay");
                stream.set_read_timeout(Some(time)).expect("a timeout");
                stream.set_write_timeout(Some(time)).expect("a timeout");
            }
            Self::Ipc(stream) => {
                stream.set_read_timeout(Some(time)).expect("a timeout");
                stream.set_write_timeout(Some(time)).expect("a timeout");
            }
        }
    }

    #[track_caller]
    pub(crate) fn write(&mut self, octets: &[u8]) {
        self.try_write(octets).expect("the octets are taken");
    }

    pub(crate) fn try_write(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(octets),
            Self::Ipc(stream) => stream.write_all(octets),
        }
    }

    /// Writes so much of this as the other side takes before it has taken nothing for a while; how much that was.
    pub(crate) fn offer(&mut self, octets: &[u8]) -> usize {
        self.allow(super::WHILE);
        let mut left = octets;
        while !left.is_empty() {
            let count = match self {
                Self::Tcp(stream) => stream.write(left),
                Self::Ipc(stream) => stream.write(left),
            };
            match count {
                Ok(count) => left = &left[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        self.allow(SOON);
        octets.len() - left.len()
    }

    /// Writes whole messages until the other side has taken nothing for a while; how many octets it took.
    pub(crate) fn flood(&mut self, message: &[u8], pause: Duration) -> usize {
        let frame = self.frame(message);
        self.allow(pause);
        let mut taken = 0;
        'flood: loop {
            let mut left = frame.as_slice();
            while !left.is_empty() {
                let count = match self {
                    Self::Tcp(stream) => stream.write(left),
                    Self::Ipc(stream) => stream.write(left),
                };
                match count {
                    Ok(count) => {
                        taken += count;
                        left = &left[count..];
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break 'flood,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        self.allow(SOON);
        taken
    }

    #[track_caller]
    pub(crate) fn read(&mut self, count: usize) -> Vec<u8> {
        let mut octets = vec![0; count];
        let result = match self {
            Self::Tcp(stream) => stream.read_exact(&mut octets),
            Self::Ipc(stream) => stream.read_exact(&mut octets),
        };
        result.expect("so many octets come");
        octets
    }

    /// How a message stands on this wire.
    pub(crate) fn frame(&self, payload: &[u8]) -> Vec<u8> {
        let mut frame = self.announcement(payload.len() as u64);
        frame.extend_from_slice(payload);
        frame
    }

    /// What stands in front of a payload of this length.
    pub(crate) fn announcement(&self, length: u64) -> Vec<u8> {
        let mut frame = match self {
            Self::Tcp(_) => vec![],
            Self::Ipc(_) => vec![1],
        };
        frame.extend_from_slice(&length.to_be_bytes());
        frame
    }

    #[track_caller]
    pub(crate) fn send(&mut self, payload: &[u8]) {
        let frame = self.frame(payload);
        self.write(&frame);
    }

    #[track_caller]
    pub(crate) fn recv(&mut self) -> Vec<u8> {
        if let Self::Ipc(_) = self {
            assert_eq!(self.read(1), [1]);
        }
        let length = u64::from_be_bytes(self.read(8).try_into().expect("eight octets"));
        self.read(usize::try_from(length).expect("a length that is sent"))
    }

    /// Waits until the other side has closed; what it sent until then is discarded.
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) {
        let mut octets = [0; 4096];
        loop {
            let result = match self {
                Self::Tcp(stream) => stream.read(&mut octets),
                Self::Ipc(stream) => stream.read(&mut octets),
            };
            match result {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    panic!("the connection stays open")
                }
                Err(_) => return,
            }
        }
    }

    /// All that the other side sends until it closes.
    #[track_caller]
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        let result = match self {
            Self::Tcp(stream) => stream.read_to_end(&mut octets),
            Self::Ipc(stream) => stream.read_to_end(&mut octets),
        };
        // One that is reset has ended as well.
        assert!(result.is_ok_and(|_| true) || octets.is_empty(), "the connection stays open");
        octets
    }

    /// Whether the other side sends nothing and does not close for a short while.
    pub(crate) fn is_left_alone(&mut self) -> bool {
        self.allow(super::WHILE);
        let mut octet = [0];
        let result = match self {
            Self::Tcp(stream) => stream.read(&mut octet),
            Self::Ipc(stream) => stream.read(&mut octet),
        };
        self.allow(SOON);
        result.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Takes nothing any more; our side is not told.
    pub(crate) fn end_reading(&self) {
        match self {
            Self::Tcp(stream) => stream.shutdown(std::net::Shutdown::Read),
            Self::Ipc(stream) => stream.shutdown(std::net::Shutdown::Read),
        }
        .expect("an open connection");
    }

    /// Says no more, but goes on listening.
    pub(crate) fn end_writing(&self) {
        let result = match self {
            Self::Tcp(stream) => stream.shutdown(std::net::Shutdown::Write),
            Self::Ipc(stream) => stream.shutdown(std::net::Shutdown::Write),
        };
        result.expect("a live connection");
    }
}

impl Host {
    pub(crate) fn new(site: &Site) -> Self {
        let address = site.address();
        match address.split_once("://") {
            Some(("ipc", path)) => Self::Ipc(UnixListener::bind(path).expect("a path"), address.clone()),
            _ => Self::Tcp(TcpListener::bind("127.0.0.1:0").expect("a port")),
        }
    }

    pub(crate) fn address(&self) -> String {
        match self {
            Self::Tcp(listener) => format!("tcp://{}", listener.local_addr().expect("an address")),
            Self::Ipc(_, address) => address.clone(),
        }
    }

    pub(crate) fn accept(&self) -> Peer {
        let peer = match self {
            Self::Tcp(listener) => Peer::Tcp(listener.accept().expect("a connection").0),
            Self::Ipc(listener, _) => Peer::Ipc(listener.accept().expect("a connection").0),
        };
        peer.patient()
    }

    pub(crate) fn greeted(&self, number: u16) -> Peer {
        let mut peer = self.accept();
        peer.greet(number);
        peer
    }
}
