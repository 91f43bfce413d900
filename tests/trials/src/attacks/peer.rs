//! A peer made of nothing but a system socket, which says what it likes.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_linger, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketType, bind,
    connect, recv, send, sendmsg, socket,
};

use super::SOON;

/// The numbers of the patterns.
pub(super) const PAIR: u16 = 0x10;
pub(super) const PUB: u16 = 0x20;
pub(super) const SUB: u16 = 0x21;
pub(super) const REQ: u16 = 0x30;
pub(super) const REP: u16 = 0x31;
pub(super) const PUSH: u16 = 0x50;
pub(super) const PULL: u16 = 0x51;
pub(super) const RESPONDENT: u16 = 0x63;
pub(super) const BUS: u16 = 0x70;

/// What a peer of this number says first.
pub(super) fn greeting(number: u16) -> [u8; 8] {
    let [high, low] = number.to_be_bytes();
    [0, b'S', b'P', 0, high, low, 0, 0]
}

/// One end of a connection.
#[derive(Debug)]
pub(super) struct Peer {
    socket: OwnedFd,
    /// Octets that stand before the length of a message.
    prefix: &'static [u8],
}

impl Peer {
    pub(super) fn connect(address: &str) -> io::Result<Self> {
        match address.split_once("://") {
            Some(("tcp", place)) => Self::of(TcpStream::connect(place)?.into(), &[]),
            Some(("ipc", path)) => Self::of(UnixStream::connect(path)?.into(), &[1]),
            _ => panic!("{address} has no wire"),
        }
    }

    /// Connects over tcp from this address of this machine.
    pub(super) fn connect_from(local: Ipv4Addr, address: &str) -> io::Result<Self> {
        let place: SocketAddr = address.trim_start_matches("tcp://").parse().expect("an address of tcp");
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        bind(&socket, &SocketAddrV4::new(local, 0))?;
        connect(&socket, &place)?;
        Self::of(socket, &[])
    }

    /// Nothing takes for ever in a trial.
    fn of(socket: OwnedFd, prefix: &'static [u8]) -> io::Result<Self> {
        set_socket_timeout(&socket, Timeout::Recv, Some(SOON))?;
        set_socket_timeout(&socket, Timeout::Send, Some(SOON))?;
        Ok(Self { socket, prefix })
    }

    /// Says these octets; whether the other end took them. Waits while it takes none.
    pub(super) fn say(&self, octets: &[u8]) -> bool {
        let mut left = octets;
        while !left.is_empty() {
            match send(&self.socket, left, SendFlags::NOSIGNAL) {
                Ok(count) => left = &left[count..],
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
        true
    }

    pub(super) fn greet(&self, number: u16) -> bool {
        self.say(&greeting(number))
    }

    /// Waits for the greeting of the other end.
    pub(super) fn hear_greeting(&self) {
        let heard = recv(&self.socket, &mut [0; 8][..], RecvFlags::WAITALL);
        assert!(heard.is_ok_and(|(count, _)| count == 8), "the other end greets");
    }

    /// Offers octets; how many were taken at once. Nothing when the connection has ended.
    pub(super) fn offer(&self, octets: &[u8]) -> Option<usize> {
        match send(&self.socket, octets, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
            Ok(count) => Some(count),
            Err(Errno::AGAIN | Errno::INTR) => Some(0),
            Err(_) => None,
        }
    }

    /// Says octets, and passes this many descriptors along with them.
    pub(super) fn pass(&self, octets: &[u8], descriptor: &impl AsFd) -> bool {
        let descriptors = [descriptor.as_fd(); 8];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
        let mut passed = SendAncillaryBuffer::new(&mut space);
        assert!(passed.push(SendAncillaryMessage::ScmRights(&descriptors)), "there is space");
        sendmsg(&self.socket, &[IoSlice::new(octets)], &mut passed, SendFlags::NOSIGNAL)
            .is_ok_and(|count| count == octets.len())
    }

    /// Whether the connection has ended. What has come is thrown away.
    pub(super) fn has_ended(&self) -> bool {
        self.listen(RecvFlags::DONTWAIT)
    }

    /// Waits until the connection has ended.
    pub(super) fn wait_for_end(&self) {
        assert!(self.listen(RecvFlags::empty()), "the connection stays open");
    }

    fn listen(&self, how: RecvFlags) -> bool {
        let mut octets = [0; 4096];
        loop {
            match recv(&self.socket, &mut octets[..], how) {
                Ok((0, _)) => return true,
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return false,
                Err(_) => return true,
            }
        }
    }

    /// Goes as rudely as the system allows, and without a trace in it.
    pub(super) fn reset(self) {
        // A unix socket knows no other end.
        let _ = set_socket_linger(&self.socket, Some(Duration::ZERO));
    }

    /// What stands in front of a message of this length.
    pub(super) fn announcement(&self, length: u64) -> Vec<u8> {
        [self.prefix, &length.to_be_bytes()].concat()
    }

    /// A message, as it stands on this wire.
    pub(super) fn frame(&self, payload: &[u8]) -> Vec<u8> {
        [&self.announcement(payload.len() as u64), payload].concat()
    }
}

/// Four octets each.
pub(super) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}
