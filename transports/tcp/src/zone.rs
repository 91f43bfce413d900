use std::io;

use hubless_transport::AddressError;

/// The longest interface name there is.
pub(crate) const LONGEST: usize = 15;

/// The interface through which a link-local address is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Zone {
    Number(u32),
    Interface(String),
}

impl Zone {
    pub(crate) fn parse(zone: &str) -> Result<Self, AddressError> {
        if let Ok(number) = zone.parse::<u32>() {
            return Ok(Self::Number(number));
        }
        let letters = zone.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b'%');
        if zone.is_empty() || zone.len() > LONGEST || !letters {
            return Err(AddressError::new(format!(
                "`{}` after the `%` is no interface: write its name or number, as in `[fe80::1%eth0]:5555`",
                AddressError::shown(zone)
            )));
        }
        Ok(Self::Interface(zone.to_owned()))
    }

    /// The number by which the system knows the interface now. Names are looked up each time, because an interface
    /// may come, go, and come back under another number.
    pub(crate) fn scope(&self) -> io::Result<u32> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Interface(name) => index_of(name).map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("there is no interface `{name}` on this machine: {error}"),
                )
            }),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn index_of(name: &str) -> io::Result<u32> {
    use socket2::{Domain, Socket, Type};

    let any = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
    Ok(rustix::net::netdevice::name_to_index(&any, name)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn index_of(_: &str) -> io::Result<u32> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "give the interface by its number here"))
}
