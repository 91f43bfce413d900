//! What must be said on a connection before it counts, by hand: connections that cost their own side next to nothing.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// Whom a connection pretends to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    SpPush,
    SpReq,
    ZmtpPush,
}

const SP_REQ: u16 = 48;
const SP_PUSH: u16 = 80;
/// Octets of an SP greeting.
const SP: usize = 8;
/// Octets of a ZMTP greeting.
const ZMTP: usize = 64;
/// The flag of a ZMTP frame that is a command.
const COMMAND: u8 = 4;

/// Connects, and waits until the other side has taken it.
pub(super) fn connect(address: &str, kind: Kind) -> Outcome<TcpStream> {
    let at = address.strip_prefix("tcp://").ok_or("only tcp")?;
    let mut stream = TcpStream::connect(at)?;
    stream.write_all(&greeting(kind))?;
    match kind {
        Kind::SpPush | Kind::SpReq => stream.read_exact(&mut [0; SP])?,
        Kind::ZmtpPush => hear_zmtp(&mut stream)?,
    }
    Ok(stream)
}

fn greeting(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::SpReq => sp(SP_REQ),
        Kind::SpPush => sp(SP_PUSH),
        Kind::ZmtpPush => zmtp("PUSH"),
    }
}

fn sp(protocol: u16) -> Vec<u8> {
    [b"\0SP\0", &protocol.to_be_bytes()[..], &[0, 0]].concat()
}

/// The greeting of ZMTP 3.0 without security, and what follows it.
fn zmtp(socket: &str) -> Vec<u8> {
    let mut said = vec![0; ZMTP];
    (said[0], said[9]) = (0xFF, 0x7F);
    said[10] = 3;
    said[12..16].copy_from_slice(b"NULL");
    let mut ready = b"\x05READY\x0bSocket-Type".to_vec();
    ready.extend_from_slice(&u32::try_from(socket.len()).unwrap_or_default().to_be_bytes());
    ready.extend_from_slice(socket.as_bytes());
    said.extend_from_slice(&[COMMAND, u8::try_from(ready.len()).unwrap_or_default()]);
    said.append(&mut ready);
    said
}

fn hear_zmtp(stream: &mut TcpStream) -> Outcome<()> {
    stream.read_exact(&mut [0; ZMTP])?;
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    if head[0] != COMMAND {
        return Err("no command follows the greeting".into());
    }
    Ok(stream.read_exact(&mut vec![0; usize::from(head[1])])?)
}
