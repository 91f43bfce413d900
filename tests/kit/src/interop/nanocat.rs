//! nanomsg as a peer: the program nanocat.

use std::io::{self, BufRead};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use hubless::Socket;

use super::{Host, Meeting, bytes, shown};
use crate::{Child, Peers, eventually};

/// How often a free port may be somebody else's a moment later.
const ATTEMPTS: usize = 20;

/// Kinds that receive nothing, and for which it refuses a format.
const SENDERS: [&str; 2] = ["--push", "--pub"];

/// One nanocat, and the messages it receives.
#[derive(Debug)]
pub struct Nanocat(Child);

impl Nanocat {
    /// With its arguments. It says nothing when it is ready: our sockets see it come.
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new("nanocat");
        if !arguments.iter().any(|argument| SENDERS.contains(argument)) {
            command.arg("--msgpack");
        }
        command.args(arguments).stderr(Stdio::piped());
        match Child::cut(command, cut) {
            Ok(process) => Self(process),
            Err(error) => panic!("these tests need nanocat (Debian: apt-get install nanomsg-utils): {error}"),
        }
    }

    /// Connects a new one with a socket of ours.
    pub fn meet(socket: &impl Socket, meeting: &Meeting, arguments: &[&str]) -> Self {
        match meeting.host {
            Host::We => {
                let peers = socket.stats().pipes + 1;
                let listener = socket.listen(meeting.address()).expect("the address is free");
                let nanocat = Self::dialing(&[listener.address()], arguments);
                socket.peers(peers);
                nanocat
            }
            Host::They => Self::listening(socket, meeting, arguments).0,
        }
    }

    /// One that connects to these addresses.
    pub fn dialing(addresses: &[&str], arguments: &[&str]) -> Self {
        let connect = addresses.iter().flat_map(|address| ["--connect", *address]);
        Self::start(&arguments.iter().copied().chain(connect).collect::<Vec<_>>())
    }

    /// One that has bound to the address that is returned, with our socket connected to it.
    pub fn listening(socket: &impl Socket, meeting: &Meeting, arguments: &[&str]) -> (Self, String) {
        for _ in 0..ATTEMPTS {
            let address = if meeting.site.transport == "tcp" { free_port() } else { meeting.address() };
            let nanocat = Self::start(&[arguments, &["--bind", &address]].concat());
            let before = socket.stats().pipes;
            let dialer = socket.dial(&address).expect("the address is good");
            eventually(|| socket.stats().pipes > before || nanocat.0.end().is_some());
            let Some(reason) = nanocat.0.end() else { return (nanocat, address) };
            dialer.close();
            assert!(reason.contains("in use"), "nanocat cannot bind to {address}: {reason}");
        }
        panic!("{ATTEMPTS} free ports were taken before nanocat could bind to them")
    }

    /// Waits for the next message that it receives.
    pub fn recv(&self) -> Vec<u8> {
        self.0.take("the next message", |_| true)
    }

    /// Waits until it receives this message, whatever else it receives.
    pub fn recv_this(&self, body: &[u8]) {
        self.0.take(&format!("the message of {}", shown(body)), |record| record == body);
    }

    /// Whether it has received nothing that was not taken.
    pub fn is_silent(&self) -> bool {
        !self.0.has(|_| true)
    }
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    format!("tcp://{}", listener.local_addr().expect("it is bound"))
}

/// One message as `MessagePack`: the type byte, a length of one, two or four bytes, the body.
fn cut(from: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let width = match bytes(from, 1) {
        Ok(kind) => match kind[0] {
            0xc4 => 1,
            0xc5 => 2,
            0xc6 => 4,
            other => return Err(io::Error::other(format!("{other:#04x} begins no binary"))),
        },
        Err(_) => return Ok(None),
    };
    let length = bytes(from, width)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    bytes(from, length).map(Some)
}
