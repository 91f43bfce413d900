use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use hubless_transport::side::{Dials, Either, Listens, MayDial, MayListen, Side};
use hubless_transport::{
    AddressError, DialPlan, Dialable, EndpointError, ListenPlan, Listenable, Settings, endpoint_settings,
};

use crate::address::Place;
use crate::dialer::TcpDialer;
use crate::keepalive::Keepalive;
use crate::listener::TcpListener;
use crate::options::Options;

/// What its addresses begin with.
const SCHEME: &str = "tcp://";

/// A host and a port, with settings of their own.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Keepalive, Tcp};
///
/// let (first, longest) = (Duration::from_millis(10), Duration::from_secs(1));
/// let to_dial = Tcp::new("localhost", 5555)
///     .nodelay(false)
///     .keepalive(Keepalive::new().idle(Duration::from_secs(60)))
///     .interface("lo")
///     .reconnect(first..=longest);
/// let to_listen = Tcp::any(5555).backlog(512).max_connections(100);
/// assert_eq!(to_dial.to_string(), "tcp://localhost:5555");
/// assert_eq!(to_listen.to_string(), "tcp://*:5555");
/// ```
///
/// It can be parsed from an address. What is wrong with one is said and pointed at:
///
/// ```
/// use hubless::Tcp;
///
/// let at: Tcp = "tcp://[::1]:5555".parse()?;
/// let error = "tcp://localhost:99999".parse::<Tcp>().unwrap_err();
/// assert_eq!(error.part(), Some(16..21));
/// # Ok::<(), hubless::transport::AddressError>(())
/// ```
///
/// A listener's settings make an endpoint that cannot be dialed, and the other way round:
///
/// ```compile_fail
/// use hubless::Tcp;
/// use hubless::transport::Dialable;
///
/// Tcp::new("localhost", 5555).backlog(512).dialing();
/// ```
///
/// ```compile_fail
/// use hubless::Tcp;
/// use std::time::Duration;
///
/// Tcp::any(5555).reconnect(Duration::from_secs(1)..=Duration::from_secs(2));
/// ```
#[derive(Debug, Clone)]
pub struct Tcp<S: Side = Either> {
    address: String,
    options: Options,
    settings: Settings<S>,
}

impl Tcp {
    /// This port of this host: a name, or an address of either family. Port 0 is for listeners, where the system chooses one.
    /// What is wrong with the host is said when it is dialed or listened on.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that addresses of every type are written as they are"
    )]
    pub fn new(host: impl ToString, port: u16) -> Self {
        Self::with_host(&host.to_string(), port)
    }
}

impl Tcp<Listens> {
    /// This port of every interface, IPv6 and IPv4. Port 0 is one that the system chooses.
    pub fn any(port: u16) -> Self {
        Self::with_host("*", port)
    }
}

impl<S: Side> Tcp<S> {
    fn with_host(host: &str, port: u16) -> Self {
        let ip = host.split('%').next().unwrap_or(host);
        if ip.parse::<Ipv6Addr>().is_ok() {
            Self::at(format!("[{host}]:{port}"))
        } else {
            Self::at(format!("{host}:{port}"))
        }
    }

    fn at(address: String) -> Self {
        Self { address, options: Options::default(), settings: Settings::new() }
    }

    /// Whether small writes leave at once (`TCP_NODELAY`); default yes. Without it the system waits for more, up to the time
    /// of a round trip.
    #[must_use]
    pub fn nodelay(mut self, nodelay: bool) -> Self {
        self.options.nodelay = nodelay;
        self
    }

    /// How a silent peer is found to be gone; default within 30 s, see [`Keepalive`]. `None` for not at all.
    #[must_use]
    pub fn keepalive(mut self, keepalive: impl Into<Option<Keepalive>>) -> Self {
        self.options.keepalive = keepalive.into();
        self
    }

    /// Only over this interface of the machine, such as `eth0`; default over any. Linux only: elsewhere dialing and listening
    /// fail.
    #[must_use]
    pub fn interface(mut self, name: impl Into<String>) -> Self {
        self.options.interface = Some(name.into());
        self
    }

    /// The size of the system's buffer for what is sent, in bytes (`SO_SNDBUF`); default as the system has it, which lets it
    /// grow with need. The system may take it for a suggestion.
    #[must_use]
    pub fn system_send_buffer(mut self, bytes: usize) -> Self {
        self.options.send_buffer = Some(bytes);
        self
    }

    /// The size of the system's buffer for what is received, in bytes (`SO_RCVBUF`); default as the system has it, which lets
    /// it grow with need. The system may take it for a suggestion.
    #[must_use]
    pub fn system_recv_buffer(mut self, bytes: usize) -> Self {
        self.options.recv_buffer = Some(bytes);
        self
    }

    fn with_settings<T: Side>(self, change: impl FnOnce(Settings<S>) -> Settings<T>) -> Tcp<T> {
        Tcp { address: self.address, options: self.options, settings: change(self.settings) }
    }
}

endpoint_settings!(Tcp);

impl<S: MayDial> Tcp<S> {
    /// The address of this machine that it is dialed from; default as the system chooses.
    #[must_use]
    pub fn local(mut self, address: impl Into<IpAddr>) -> Tcp<Dials> {
        self.options.local = Some(address.into());
        self.with_settings(Settings::of_dialer)
    }
}

impl<S: MayListen> Tcp<S> {
    /// How many connections the system keeps ready for the listener to accept; default 1024. The system has a limit of its
    /// own (`net.core.somaxconn`).
    #[must_use]
    pub fn backlog(mut self, connections: u32) -> Tcp<Listens> {
        self.options.backlog = connections;
        self.with_settings(Settings::of_listener)
    }
}

impl From<SocketAddr> for Tcp {
    fn from(address: SocketAddr) -> Self {
        Self::at(address.to_string())
    }
}

/// The address, without the settings.
impl<S: Side> fmt::Display for Tcp<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.address)
    }
}

impl<S: Side> FromStr for Tcp<S> {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        let place = AddressError::strip_scheme(address, SCHEME)?;
        Place::to_listen(place).map_err(|error| error.within(address, SCHEME.len()))?;
        Ok(Self::at(place.to_owned()))
    }
}

impl<S: Side> TryFrom<&str> for Tcp<S> {
    type Error = AddressError;

    fn try_from(address: &str) -> Result<Self, AddressError> {
        address.parse()
    }
}

impl<S: MayDial> Dialable for Tcp<S> {
    fn dialing(self) -> Result<DialPlan, EndpointError> {
        let url = self.to_string();
        let place =
            Place::to_dial(&self.address).map_err(|error| error.within(url.as_str(), SCHEME.len()))?;
        self.options.check()?;
        self.settings.dial(url, Some(Box::new(TcpDialer::new(place, self.options))))
    }
}

impl<S: MayListen> Listenable for Tcp<S> {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        let url = self.to_string();
        let place =
            Place::to_listen(&self.address).map_err(|error| error.within(url.as_str(), SCHEME.len()))?;
        self.options.check()?;
        let listener = TcpListener::new(place, &self.address, self.options);
        self.settings.listen(url, Some(Box::new(listener)))
    }
}
