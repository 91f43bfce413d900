//! A connected stream socket, of TCP or of the file system.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::sockopt;

use crate::Outcome;
use crate::contestant::Floor;
use crate::end::Link;

pub(super) trait Wire: Read + Write + Send {}

impl Wire for TcpStream {}
impl Wire for UnixStream {}

/// Takes the first who connects.
pub(super) fn accept(address: &str, link: &Link, floor: Floor) -> Outcome<Box<dyn Wire>> {
    Ok(match address.split_once("://") {
        Some(("tcp", at)) => {
            let listener = buffered(TcpListener::bind(at)?, floor)?;
            link.ready();
            Box::new(undelayed(listener.accept()?.0)?)
        }
        Some(("ipc", path)) => {
            let listener = buffered(UnixListener::bind(path)?, floor)?;
            link.ready();
            Box::new(buffered(listener.accept()?.0, floor)?)
        }
        _ => return Err(unknown(address).into()),
    })
}

pub(super) fn connect(address: &str, floor: Floor) -> Outcome<Box<dyn Wire>> {
    Ok(match address.split_once("://") {
        Some(("tcp", at)) => Box::new(buffered(undelayed(TcpStream::connect(at)?)?, floor)?),
        Some(("ipc", path)) => Box::new(buffered(UnixStream::connect(path)?, floor)?),
        _ => return Err(unknown(address).into()),
    })
}

pub(super) fn undelayed(stream: TcpStream) -> Outcome<TcpStream> {
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// With buffers of this size in the system. A connection over TCP that is taken has those of its listener.
pub(super) fn buffered<S: AsFd>(socket: S, floor: Floor) -> Outcome<S> {
    if let Some(octets) = floor.buffers {
        sockopt::set_socket_send_buffer_size(&socket, octets)?;
        sockopt::set_socket_recv_buffer_size(&socket, octets)?;
    }
    Ok(socket)
}

fn unknown(address: &str) -> String {
    format!("no raw socket for {address}")
}
