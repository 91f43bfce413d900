use std::fmt;
use std::time::Duration;

use crate::settings::Settings;
use crate::side::{Dials, Listens};
use crate::{AddressError, Admission, Dialer, Listener};

/// What can be dialed: every kind of string that holds an address, and the typed endpoints of transports.
///
/// A transport of your own has typed endpoints when you implement this for them: see [`Settings`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be dialed",
    note = "strings can, and endpoints that have no settings of a listener, such as a backlog or a mode"
)]
pub trait Dialable {
    /// What is to be dialed, and how.
    ///
    /// # Errors
    /// When a part of the address or a setting makes no sense.
    fn dialing(self) -> Result<DialPlan, EndpointError>;
}

/// What can be listened on: every kind of string that holds an address, and the typed endpoints of transports.
///
/// A transport of your own has typed endpoints when you implement this for them: see [`Settings`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be listened on",
    note = "strings can, and endpoints that have no settings of a dialer, such as reconnecting"
)]
pub trait Listenable {
    /// What is to be listened on, and how.
    ///
    /// # Errors
    /// When a part of the address or a setting makes no sense.
    fn listening(self) -> Result<ListenPlan, EndpointError>;
}

impl<T: AsRef<str>> Dialable for T {
    fn dialing(self) -> Result<DialPlan, EndpointError> {
        Settings::<Dials>::new().dial(self.as_ref(), None)
    }
}

impl<T: AsRef<str>> Listenable for T {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        Settings::<Listens>::new().listen(self.as_ref(), None)
    }
}

/// A dialer to be: made by [`Settings::dial`].
#[derive(Debug)]
#[non_exhaustive]
pub struct DialPlan {
    /// The address with its scheme.
    pub address: String,
    /// What dials it; `None` for what the transport of that scheme makes of the address.
    pub dialer: Option<Box<dyn Dialer>>,
    /// The pauses before it is dialed again, the first and the longest; `None` for those of the socket.
    pub reconnect: Option<(Duration, Duration)>,
    /// How long a handshake may take; `None` for what the socket says.
    pub handshake: Option<Duration>,
}

/// A listener to be: made by [`Settings::listen`].
#[derive(Debug)]
#[non_exhaustive]
pub struct ListenPlan {
    /// The address with its scheme.
    pub address: String,
    /// What listens there; `None` for what the transport of that scheme makes of the address.
    pub listener: Option<Box<dyn Listener>>,
    /// How long a handshake may take; `None` for what the socket says.
    pub handshake: Option<Duration>,
    /// How many peers may be connected; `None` for what the socket says.
    pub max_connections: Option<usize>,
    /// How many of them may have one network address.
    pub max_connections_per_address: Option<usize>,
    /// Who is let in; `None` for everybody.
    pub admission: Option<Admission>,
}

/// Why an endpoint cannot be used. `{:?}` is its text, as it is to be read from `main`; `{:#?}` shows the parts.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Its address.
    Address(AddressError),
    /// One of its settings.
    Setting(SettingError),
}

/// A setting that cannot have its value. `{:?}` is its text, as it is to be read from `main`; `{:#?}` shows the parts.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingError {
    /// The method that set it.
    pub setting: &'static str,
    /// The value given.
    pub value: String,
    /// What would be right.
    pub reason: &'static str,
}

impl SettingError {
    /// The setting `setting` cannot be `value`, because of `reason`.
    pub fn new(setting: &'static str, value: impl fmt::Display, reason: &'static str) -> Self {
        Self { setting, value: value.to_string(), reason }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the setting `{}` cannot be {}: {}", self.setting, self.value, self.reason)
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => error.fmt(f),
            Self::Setting(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self}");
        }
        f.debug_struct("SettingError")
            .field("setting", &self.setting)
            .field("value", &self.value)
            .field("reason", &self.reason)
            .finish()
    }
}

impl fmt::Debug for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => fmt::Debug::fmt(error, f),
            Self::Setting(error) => fmt::Debug::fmt(error, f),
        }
    }
}

impl std::error::Error for SettingError {}
impl std::error::Error for EndpointError {}

impl From<AddressError> for EndpointError {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

impl From<SettingError> for EndpointError {
    fn from(error: SettingError) -> Self {
        Self::Setting(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_returned_from_main_reads_as_its_text() {
        let setting = SettingError::new("backlog", 0, "at least one must fit");
        let text = "the setting `backlog` cannot be 0: at least one must fit";
        assert_eq!((setting.to_string(), format!("{setting:?}")), (text.into(), text.into()));
        let error = EndpointError::from(setting);
        assert_eq!((error.to_string(), format!("{error:?}")), (text.into(), text.into()));
        assert!(format!("{error:#?}").starts_with("SettingError {\n    setting: \"backlog\""), "{error:#?}");
        let error = EndpointError::from(AddressError::new("no port"));
        assert_eq!(format!("{error:?}"), "no port");
    }
}
