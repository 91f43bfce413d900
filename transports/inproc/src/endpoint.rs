use std::fmt;
use std::str::FromStr;

use hubless_transport::side::{Either, MayDial, MayListen, Side};
use hubless_transport::{
    AddressError, DialPlan, Dialable, EndpointError, ListenPlan, Listenable, Settings, endpoint_settings,
};

use crate::check;

/// What its addresses begin with.
const SCHEME: &str = "inproc://";

/// A name within one context, with settings of its own. It names no namespace: the transport of the context where it is
/// dialed or listened on does.
///
/// ```
/// use hubless::Inproc;
///
/// let to_listen = Inproc::name("jobs").max_connections(100);
/// assert_eq!(to_listen.to_string(), "inproc://jobs");
/// let to_dial: Inproc = "inproc://jobs".parse()?;
/// # Ok::<(), hubless::transport::AddressError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Inproc<S: Side = Either> {
    name: String,
    settings: Settings<S>,
}

impl Inproc {
    /// The endpoint of this name. What is wrong with it is said when it is dialed or listened on.
    pub fn name(name: impl Into<String>) -> Self {
        Self { name: name.into(), settings: Settings::new() }
    }
}

impl<S: Side> Inproc<S> {
    fn with_settings<T: Side>(self, change: impl FnOnce(Settings<S>) -> Settings<T>) -> Inproc<T> {
        Inproc { name: self.name, settings: change(self.settings) }
    }
}

endpoint_settings!(Inproc);

/// The address, without the settings.
impl<S: Side> fmt::Display for Inproc<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.name)
    }
}

impl<S: Side> FromStr for Inproc<S> {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        let name = AddressError::strip_scheme(address, SCHEME)?;
        check(name).map_err(|error| error.within(address, SCHEME.len()))?;
        Ok(Self { name: name.to_owned(), settings: Settings::new() })
    }
}

impl<S: Side> TryFrom<&str> for Inproc<S> {
    type Error = AddressError;

    fn try_from(address: &str) -> Result<Self, AddressError> {
        address.parse()
    }
}

impl<S: MayDial> Dialable for Inproc<S> {
    fn dialing(self) -> Result<DialPlan, EndpointError> {
        self.settings.dial(format!("{SCHEME}{}", self.name), None)
    }
}

impl<S: MayListen> Listenable for Inproc<S> {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        self.settings.listen(format!("{SCHEME}{}", self.name), None)
    }
}
