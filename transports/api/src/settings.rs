use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::side::{Dials, Either, Listens, MayDial, MayListen, Side};
use crate::{
    Admission, Applicant, DialPlan, Dialer, EndpointError, ListenPlan, Listener, SettingError, Users, Verdict,
};

/// The settings of one endpoint that are hubless's own, whatever the transport: what is not set here is as the socket's
/// builder says.
///
/// Typed endpoints hold one, take its methods over with [`endpoint_settings!`](crate::endpoint_settings), and hand it on
/// together with a dialer or listener that they have made from their own settings. No file of hubless knows what those are:
///
/// ```
/// use hubless_transport::side::{Either, MayDial, Side};
/// use hubless_transport::{DialPlan, Dialable, EndpointError, Settings, endpoint_settings};
///
/// /// A host of a network of your own.
/// #[derive(Debug, Clone)]
/// struct Star<S: Side = Either> {
///     name: String,
///     settings: Settings<S>,
/// }
///
/// impl Star {
///     fn new(name: &str) -> Self {
///         Self { name: name.into(), settings: Settings::new() }
///     }
/// }
///
/// impl<S: Side> Star<S> {
///     fn with_settings<T: Side>(
///         self,
///         change: impl FnOnce(Settings<S>) -> Settings<T>,
///     ) -> Star<T> {
///         Star { name: self.name, settings: change(self.settings) }
///     }
/// }
///
/// endpoint_settings!(Star);
///
/// impl<S: MayDial> Dialable for Star<S> {
///     fn dialing(self) -> Result<DialPlan, EndpointError> {
///         // Instead of `None` the dialer, where the address alone does not say all about it.
///         self.settings.dial(format!("star://{}", self.name), None)
///     }
/// }
///
/// let limit = std::time::Duration::from_secs(1);
/// let plan = Star::new("sirius").handshake_timeout(limit).dialing()?;
/// assert_eq!(plan.address, "star://sirius");
/// # Ok::<(), EndpointError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Settings<S: Side = Either> {
    reconnect: Option<(Duration, Duration)>,
    handshake: Option<Duration>,
    max_connections: Option<usize>,
    max_connections_per_address: Option<usize>,
    admission: Option<Admission>,
    side: PhantomData<S>,
}

impl<S: Side> Default for Settings<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Side> Settings<S> {
    /// Nothing is set.
    pub const fn new() -> Self {
        Self {
            reconnect: None,
            handshake: None,
            max_connections: None,
            max_connections_per_address: None,
            admission: None,
            side: PhantomData,
        }
    }

    /// How long the other end may take from the connection to the end of its handshake.
    #[must_use]
    pub fn handshake_timeout(self, timeout: Duration) -> Self {
        Self { handshake: Some(timeout), ..self }
    }

    fn of_side<T: Side>(self) -> Settings<T> {
        Settings {
            reconnect: self.reconnect,
            handshake: self.handshake,
            max_connections: self.max_connections,
            max_connections_per_address: self.max_connections_per_address,
            admission: self.admission,
            side: PhantomData,
        }
    }

    fn checked_handshake(&self) -> Result<Option<Duration>, SettingError> {
        match self.handshake {
            Some(Duration::ZERO) => {
                Err(SettingError::new("handshake_timeout", "0s", "no peer could greet in no time"))
            }
            handshake => Ok(handshake),
        }
    }
}

impl<S: MayDial> Settings<S> {
    /// The same, of an endpoint that only dials from now on.
    #[must_use]
    pub fn of_dialer(self) -> Settings<Dials> {
        self.of_side()
    }

    /// The pauses before it is dialed again: the first one and the longest.
    #[must_use]
    pub fn reconnect(self, pauses: RangeInclusive<Duration>) -> Settings<Dials> {
        Self { reconnect: Some(pauses.into_inner()), ..self }.of_side()
    }

    /// The plan to dial `address`, with `dialer` where the transport of its scheme is not to make one.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn dial(
        self,
        address: impl Into<String>,
        dialer: Option<Box<dyn Dialer>>,
    ) -> Result<DialPlan, EndpointError> {
        if let Some((first, longest)) = self.reconnect
            && (first.is_zero() || first > longest)
        {
            let reason = "the first must be positive and at most the last";
            return Err(SettingError::new("reconnect", format!("{first:?} to {longest:?}"), reason).into());
        }
        let handshake = self.checked_handshake()?;
        Ok(DialPlan { address: address.into(), dialer, reconnect: self.reconnect, handshake })
    }
}

impl<S: MayListen> Settings<S> {
    /// The same, of an endpoint that only listens from now on.
    #[must_use]
    pub fn of_listener(self) -> Settings<Listens> {
        self.of_side()
    }

    /// How many peers may be connected through it.
    #[must_use]
    pub fn max_connections(self, max: usize) -> Settings<Listens> {
        Self { max_connections: Some(max), ..self }.of_side()
    }

    /// How many of them may have one network address.
    #[must_use]
    pub fn max_connections_per_address(self, max: usize) -> Settings<Listens> {
        Self { max_connections_per_address: Some(max), ..self }.of_side()
    }

    /// Who is let in, in place of what was said before: see [`Admission`].
    #[must_use]
    pub fn admission(self, admission: impl Into<Admission>) -> Settings<Listens> {
        Self { admission: Some(admission.into()), ..self }.of_side()
    }

    /// Has `judge` say of every peer whether it is let in: see [`Admission::judged_by`].
    #[must_use]
    pub fn admit(
        mut self,
        judge: impl Fn(Applicant) -> Verdict + Send + Sync + 'static,
    ) -> Settings<Listens> {
        let admission = self.admission.take().unwrap_or_default().judged_by(judge);
        self.admission(admission)
    }

    /// Lets in only these users: see [`Admission::among`].
    #[must_use]
    pub fn allow(mut self, users: Users) -> Settings<Listens> {
        let admission = self.admission.take().unwrap_or_default().among(users);
        self.admission(admission)
    }

    /// The plan to listen on `address`, with `listener` where the transport of its scheme is not to make one.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn listen(
        self,
        address: impl Into<String>,
        listener: Option<Box<dyn Listener>>,
    ) -> Result<ListenPlan, EndpointError> {
        let limits = [
            ("max_connections", self.max_connections),
            ("max_connections_per_address", self.max_connections_per_address),
        ];
        if let Some((setting, _)) = limits.iter().find(|(_, max)| *max == Some(0)) {
            return Err(SettingError::new(setting, 0, "at least one peer must be possible").into());
        }
        let handshake = self.checked_handshake()?;
        Ok(ListenPlan {
            address: address.into(),
            listener,
            handshake,
            max_connections: self.max_connections,
            max_connections_per_address: self.max_connections_per_address,
            admission: self.admission,
        })
    }
}

/// Gives a typed endpoint the settings that are hubless's own. The type has one parameter, its [`side`](crate::side), holds
/// [`Settings`], and has a method `with_settings` that changes them: see the example there.
#[macro_export]
macro_rules! endpoint_settings {
    ($endpoint:ident) => {
        impl<S: $crate::side::Side> $endpoint<S> {
            /// How long the other end may take from the connection to the end of its handshake; default as the socket's
            /// builder says, 5 s if it says nothing.
            #[must_use]
            pub fn handshake_timeout(self, timeout: ::std::time::Duration) -> Self {
                self.with_settings(|settings| settings.handshake_timeout(timeout))
            }
        }

        impl<S: $crate::side::MayDial> $endpoint<S> {
            /// The pauses before it is dialed again: random, at most the first after one failure, twice that after the next,
            /// never more than the last of the range. Default as the socket's builder says, 100 ms to 10 s if it says
            /// nothing.
            #[must_use]
            pub fn reconnect(
                self,
                pauses: ::std::ops::RangeInclusive<::std::time::Duration>,
            ) -> $endpoint<$crate::side::Dials> {
                self.with_settings(|settings| settings.reconnect(pauses))
            }
        }

        impl<S: $crate::side::MayListen> $endpoint<S> {
            /// How many peers may be connected through this listener; default as the socket's builder says, 4096 if it says
            /// nothing. A further one takes the place of the oldest that has not greeted yet, or is turned away if all have;
            /// either is counted as `too_many`.
            #[must_use]
            pub fn max_connections(self, max: usize) -> $endpoint<$crate::side::Listens> {
                self.with_settings(|settings| settings.max_connections(max))
            }

            /// How many of them may have one network address, this machine's own included; default 1024 for every other
            /// machine, less where the process may have few descriptors, and any number for this one. A further one takes the
            /// place of the oldest from there that has not greeted yet, or is turned away if all have; either is counted as
            /// `too_many`. Means nothing where peers have no network address.
            #[must_use]
            pub fn max_connections_per_address(self, max: usize) -> $endpoint<$crate::side::Listens> {
                self.with_settings(|settings| settings.max_connections_per_address(max))
            }

            /// Who is let in, in place of what was said before: a list of users, a judge, or both. Default everybody.
            #[must_use]
            pub fn admission(
                self,
                admission: impl ::std::convert::Into<$crate::Admission>,
            ) -> $endpoint<$crate::side::Listens> {
                self.with_settings(|settings| settings.admission(admission))
            }

            /// Has `judge` say of every peer whether it is let in: at once, or later. It is called on the background thread,
            /// so it must be quick. A panic in it refuses the peer, and so is counted and, at most ten times a second, logged;
            /// the program's panic hook is called each time before that, and the usual one prints, so a judge had better
            /// not panic at a peer's bidding.
            #[must_use]
            pub fn admit(
                self,
                judge: impl Fn($crate::Applicant) -> $crate::Verdict + Send + Sync + 'static,
            ) -> $endpoint<$crate::side::Listens> {
                self.with_settings(|settings| settings.admit(judge))
            }
        }
    };
}
