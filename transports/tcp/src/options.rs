use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hubless_transport::SettingError;
use socket2::Socket;

use crate::keepalive::Keepalive;
use crate::zone::LONGEST;

/// Connections that the system keeps ready for us to accept, unless said otherwise.
const BACKLOG: u32 = 1024;

/// What can be set on the sockets of one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) nodelay: bool,
    pub(crate) keepalive: Option<Keepalive>,
    pub(crate) interface: Option<String>,
    /// Where a dialer comes from.
    pub(crate) local: Option<IpAddr>,
    pub(crate) backlog: u32,
    pub(crate) send_buffer: Option<usize>,
    pub(crate) recv_buffer: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodelay: true,
            keepalive: Some(Keepalive::new()),
            interface: None,
            local: None,
            backlog: BACKLOG,
            send_buffer: None,
            recv_buffer: None,
        }
    }
}

impl Options {
    /// What the system would refuse, or take for something else.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        self.keepalive.as_ref().map_or(Ok(()), Keepalive::check)?;
        if let Some(name) = &self.interface
            && (name.is_empty() || name.len() > LONGEST || name.contains(['/', '\0']))
        {
            let reason = "an interface has a name of 1 to 15 bytes, such as `eth0`";
            return Err(SettingError::new("interface", name.escape_debug(), reason));
        }
        if self.backlog == 0 {
            return Err(SettingError::new("backlog", 0, "at least one connection must be able to wait"));
        }
        let buffers = [("system_send_buffer", self.send_buffer), ("system_recv_buffer", self.recv_buffer)];
        for (setting, bytes) in buffers {
            if let Some(bytes) = bytes.filter(|bytes| *bytes == 0 || i32::try_from(*bytes).is_err()) {
                return Err(SettingError::new(setting, bytes, "the system takes 1 byte to 2 GiB"));
            }
        }
        Ok(())
    }

    /// What every connection gets.
    pub(crate) fn configure(&self, socket: &Socket) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(self.nodelay)?;
        match self.keepalive {
            Some(keepalive) => socket.set_tcp_keepalive(&keepalive.to_system()),
            None => socket.set_keepalive(false),
        }
    }

    /// What has to be set before a socket connects or listens. The connections of a listener inherit it.
    pub(crate) fn prepare(&self, socket: &Socket) -> io::Result<()> {
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.recv_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        match &self.interface {
            Some(name) => bind_to_interface(socket, name).map_err(|error| {
                io::Error::new(error.kind(), format!("the interface `{name}` cannot be used: {error}"))
            }),
            None => Ok(()),
        }
    }

    pub(crate) fn take_local_address(&self, socket: &Socket) -> io::Result<()> {
        let Some(ip) = self.local else { return Ok(()) };
        socket
            .bind(&SocketAddr::new(ip, 0).into())
            .map_err(|error| io::Error::new(error.kind(), format!("it cannot be dialed from {ip}: {error}")))
    }

    /// How long the other end may be silent though it was asked something. There are looks every few seconds, and it takes two to
    /// give it up, so that it is as long as keepalive takes in all.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.keepalive.map(|keepalive| keepalive.last_probe())
    }

    /// As the system wants it.
    pub(crate) fn backlog(&self) -> i32 {
        i32::try_from(self.backlog).unwrap_or(i32::MAX)
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn bind_to_interface(socket: &Socket, name: &str) -> io::Result<()> {
    socket.bind_device(Some(name.as_bytes()))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bind_to_interface(_: &Socket, _: &str) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system binds no socket to an interface"))
}
