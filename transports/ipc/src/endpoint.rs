use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use hubless_transport::side::{Either, Listens, MayDial, MayListen, Side};
use hubless_transport::{
    AddressError, DialPlan, Dialable, EndpointError, ListenPlan, Listenable, SettingError, Settings, Users,
    endpoint_settings,
};

use crate::address::Place;
use crate::dialer::IpcDialer;
use crate::listener::IpcListener;
use crate::options::Options;

/// What its addresses begin with.
const SCHEME: &str = "ipc://";

/// A socket file or a name without one, with settings of its own.
///
/// ```
/// use hubless::admission::Users;
/// use hubless::Ipc;
///
/// let to_dial = Ipc::path("/run/jobs.sock");
/// let to_listen = Ipc::path("/run/jobs.sock").mode(0o660).allow(Users::same().or_gids([27]));
/// assert_eq!(to_dial.to_string(), "ipc:///run/jobs.sock");
/// assert_eq!(Ipc::abstract_name("jobs").to_string(), "ipc://@jobs");
/// ```
///
/// It can be parsed from an address:
///
/// ```
/// let at: hubless::Ipc = "ipc:///run/jobs.sock".parse()?;
/// # Ok::<(), hubless::transport::AddressError>(())
/// ```
///
/// A listener's settings make an endpoint that cannot be dialed:
///
/// ```compile_fail
/// use hubless::Ipc;
/// use hubless::transport::Dialable;
///
/// Ipc::path("/run/jobs.sock").mode(0o660).dialing();
/// ```
///
/// Settings of other transports it does not have:
///
/// ```compile_fail
/// hubless::Ipc::path("/run/jobs.sock").nodelay(true);
/// ```
#[derive(Debug, Clone)]
pub struct Ipc<S: Side = Either> {
    place: Place,
    options: Options,
    settings: Settings<S>,
}

impl Ipc {
    /// The socket file at this path, absolute or relative to the working directory that the process has when it is listened on or
    /// dialed: where the process goes later makes no difference.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::path(path.into()))
    }

    /// A name without a file (Linux), for processes of the same user only, whatever is allowed besides.
    pub fn abstract_name(name: impl Into<String>) -> Self {
        Self::at(Place::Abstract(name.into()))
    }
}

impl<S: Side> Ipc<S> {
    fn at(place: Place) -> Self {
        Self { place, options: Options::default(), settings: Settings::new() }
    }

    /// The size of the system's buffer for what is sent, in bytes (`SO_SNDBUF`); default as the system has it. The system
    /// may take it for a suggestion.
    #[must_use]
    pub fn system_send_buffer(mut self, bytes: usize) -> Self {
        self.options.send_buffer = Some(bytes);
        self
    }

    fn with_settings<T: Side>(self, change: impl FnOnce(Settings<S>) -> Settings<T>) -> Ipc<T> {
        Ipc { place: self.place, options: self.options, settings: change(self.settings) }
    }
}

endpoint_settings!(Ipc);

impl<S: MayListen> Ipc<S> {
    /// The mode of the socket file; default 0600, its owner alone. Who may write to it may connect. A name without a file has
    /// none, and cannot be listened on with one.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Ipc<Listens> {
        self.options.mode = Some(mode);
        self.with_settings(Settings::of_listener)
    }

    /// Lets the file be in a directory in which everybody may write and that lacks the sticky bit, as Kubernetes makes them for an
    /// `emptyDir`; default not. Anybody who can write there can put a socket of their own in the place of this one: only where all who
    /// reach it are trusted. Means nothing for a name without a file.
    #[must_use]
    pub fn allow_world_writable_directory(mut self) -> Ipc<Listens> {
        self.options.world_writable_directory = true;
        self.with_settings(Settings::of_listener)
    }

    /// How many connections the system keeps ready for the listener to accept; default 1024. The system has a limit of its
    /// own (`net.core.somaxconn`).
    #[must_use]
    pub fn backlog(mut self, connections: u32) -> Ipc<Listens> {
        self.options.backlog = Some(connections);
        self.with_settings(Settings::of_listener)
    }

    /// Lets in only processes of these users or groups, as the system vouches for them (`SO_PEERCRED`); default everybody
    /// whom the mode of the file lets in. A judge given to [`admit`](Self::admit) decides about those only.
    #[must_use]
    pub fn allow(self, users: Users) -> Ipc<Listens> {
        self.with_settings(|settings| settings.allow(users))
    }
}

/// The address, without the settings.
impl<S: Side> fmt::Display for Ipc<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.place)
    }
}

impl<S: Side> FromStr for Ipc<S> {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        let place = AddressError::strip_scheme(address, SCHEME)?;
        Ok(Self::at(Place::parse(place).map_err(|error| error.within(address, SCHEME.len()))?))
    }
}

impl<S: Side> TryFrom<&str> for Ipc<S> {
    type Error = AddressError;

    fn try_from(address: &str) -> Result<Self, AddressError> {
        address.parse()
    }
}

impl<S: MayDial> Dialable for Ipc<S> {
    fn dialing(self) -> Result<DialPlan, EndpointError> {
        let url = self.to_string();
        self.place.check().map_err(|error| error.within(url.as_str(), SCHEME.len()))?;
        self.options.check()?;
        self.settings.dial(url, Some(Box::new(IpcDialer::new(self.place, self.options))))
    }
}

impl<S: MayListen> Listenable for Ipc<S> {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        let url = self.to_string();
        self.place.check().map_err(|error| error.within(url.as_str(), SCHEME.len()))?;
        self.options.check()?;
        if let (Place::Abstract(_), Some(mode)) = (&self.place, self.options.mode) {
            let reason = "a name without a file has no mode";
            return Err(SettingError::new("mode", format!("{mode:#o}"), reason).into());
        }
        self.settings.listen(url, Some(Box::new(IpcListener::new(self.place, self.options))))
    }
}
