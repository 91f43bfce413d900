use std::fmt;

use crate::side::{Either, MayDial, MayListen, Side};
use crate::{DialPlan, Dialable, EndpointError, ListenPlan, Listenable, Settings, endpoint_settings};

/// An address of any transport, with the settings that all transports have in common.
///
/// ```
/// use std::time::Duration;
/// use hubless::Endpoint;
///
/// let address = "inproc://jobs"; // from a configuration, perhaps
/// let pauses = Duration::from_millis(10)..=Duration::from_secs(1);
/// let to_dial = Endpoint::new(address).reconnect(pauses);
/// let to_listen = Endpoint::new(address).max_connections(100);
/// assert_eq!(to_dial.to_string(), to_listen.to_string());
/// ```
///
/// What only a listener has makes an endpoint that cannot be dialed, and the other way round:
///
/// ```compile_fail
/// # use hubless::Endpoint;
/// # use hubless::transport::Dialable;
/// Endpoint::new("inproc://jobs").max_connections(100).dialing();
/// ```
#[derive(Debug, Clone)]
pub struct Endpoint<S: Side = Either> {
    address: String,
    settings: Settings<S>,
}

impl Endpoint {
    /// The endpoint at `address`, scheme and all. It is looked at when it is dialed or listened on.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), settings: Settings::new() }
    }
}

impl<S: Side> Endpoint<S> {
    fn with_settings<T: Side>(self, change: impl FnOnce(Settings<S>) -> Settings<T>) -> Endpoint<T> {
        Endpoint { address: self.address, settings: change(self.settings) }
    }
}

endpoint_settings!(Endpoint);

/// The address.
impl<S: Side> fmt::Display for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl<S: MayDial> Dialable for Endpoint<S> {
    fn dialing(self) -> Result<DialPlan, EndpointError> {
        self.settings.dial(self.address, None)
    }
}

impl<S: MayListen> Listenable for Endpoint<S> {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        self.settings.listen(self.address, None)
    }
}
