//! A connected stream socket, of TCP or of the file system.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};

use crate::Outcome;
use crate::end::Link;

pub(super) trait Wire: Read + Write + Send {}

impl Wire for TcpStream {}
impl Wire for UnixStream {}

/// Takes the first who connects.
pub(super) fn accept(address: &str, link: &Link) -> Outcome<Box<dyn Wire>> {
    Ok(match address.split_once("://") {
        Some(("tcp", at)) => {
            let listener = TcpListener::bind(at)?;
            link.ready();
            Box::new(undelayed(listener.accept()?.0)?)
        }
        Some(("ipc", path)) => {
            let listener = UnixListener::bind(path)?;
            link.ready();
            Box::new(listener.accept()?.0)
        }
        _ => return Err(unknown(address).into()),
    })
}

pub(super) fn connect(address: &str) -> Outcome<Box<dyn Wire>> {
    Ok(match address.split_once("://") {
        Some(("tcp", at)) => Box::new(undelayed(TcpStream::connect(at)?)?),
        Some(("ipc", path)) => Box::new(UnixStream::connect(path)?),
        _ => return Err(unknown(address).into()),
    })
}

pub(super) fn undelayed(stream: TcpStream) -> Outcome<TcpStream> {
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn unknown(address: &str) -> String {
    format!("no raw socket for {address}")
}
