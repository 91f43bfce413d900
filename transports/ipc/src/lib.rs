//! The ipc transport of hubless: Unix domain sockets between processes of one machine.
//!
//! An address is what follows `ipc://`:
//!
//! | address | means |
//! |---|---|
//! | `/run/jobs.sock`, `jobs.sock` | a path, absolute or relative to the working directory |
//! | `@jobs` | a name without a file (Linux), for processes of the same user only |
//!
//! A path gets mode 0600, or the one that is set for an [`Ipc`] endpoint, before anyone can connect. The file that a
//! listener leaves behind when it is killed is removed by the next one, after an attempt to connect to it was refused; a
//! live one never, nor anything that is not a socket. Where somebody removes the file of a
//! live listener, it is made again within seconds. An empty file beside the path, with `.lock` appended to its name, is
//! locked as long as the listener lives, where the file system has locks. A relative path means the working directory at the time when it is listened on or dialed.

mod address;
mod claim;
mod credentials;
mod dialer;
mod endpoint;
mod listener;
mod lock;
mod options;
mod stream;

use hubless_transport::{AddressError, Dialer, Listener, Transport};

use crate::address::Place;
use crate::dialer::IpcDialer;
use crate::listener::IpcListener;
use crate::options::Options;

pub use endpoint::Ipc;

/// The ipc transport, for addresses that are strings.
#[derive(Debug, Clone, Copy, Default)]
pub struct IpcTransport;

impl IpcTransport {
    /// The transport; it has no settings, and gives every address the default ones.
    pub const fn new() -> Self {
        Self
    }
}

impl Transport for IpcTransport {
    fn scheme(&self) -> &'static str {
        "ipc"
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(IpcDialer::new(Place::parse(address)?, Options::default())))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(IpcListener::new(Place::parse(address)?, Options::default())))
    }
}
